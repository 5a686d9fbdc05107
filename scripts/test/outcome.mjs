/**
 * What one suite or check came to.
 *
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {readonly Finding[]} failed
 * @property {readonly Finding[]} skipped - each with the reason that the test itself gives.
 *
 * @typedef {object} Finding
 * @property {string} name
 * @property {string} reason
 */

/** @param {readonly Outcome[]} outcomes @returns {Outcome} */
export function sumOutcomes(outcomes) {
  return {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failed: outcomes.flatMap(({ failed }) => failed),
    skipped: outcomes.flatMap(({ skipped }) => skipped),
  };
}

/** One check as one test. @param {string} name @param {string | undefined} problem - `undefined` when it passed. @returns {Outcome} */
export function checkOutcome(name, problem) {
  if (problem === undefined) return { passed: 1, failed: [], skipped: [] };
  return { passed: 0, failed: [{ name, reason: problem }], skipped: [] };
}

/**
 * The end of a test run, for people and for programs: what was skipped and why, what failed, and the sum alone on the
 * last line.
 *
 * @param {Outcome} outcome
 * @param {number} seconds - of the whole run.
 * @returns {readonly string[]}
 */
export function summaryLines({ passed, failed, skipped }, seconds) {
  return [
    ...skipped.map(({ name, reason }) => `skipped: ${name} (${reason})`),
    ...failed.map(({ name, reason }) => `failed: ${name} (${reason})`),
    `Total time: ${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s.`,
    `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
  ];
}

/**
 * Why a test was skipped: what it said when it skipped itself, else the part of its name that says what it needs.
 *
 * @param {string | undefined} note
 * @param {readonly string[]} names - of the suites around it and its own.
 * @returns {string | undefined} `undefined` when nothing says why.
 */
export function skipReason(note, names) {
  return note || names.find((name) => /\b(?:needs?|requires?|without|because|skipped|not on|only on)\b/i.test(name));
}
