/**
 * The outcome in a JUnit XML report as pytest writes it.
 *
 * @param {string} xml
 * @param {string} suite - put before each name.
 * @returns {import('./outcome.mjs').Outcome}
 */
export function junitOutcome(xml, suite) {
  let passed = 0;
  /** @type {import('./outcome.mjs').Finding[]} */
  const failed = [];
  /** @type {import('./outcome.mjs').Finding[]} */
  const skipped = [];
  for (const [, attributes = '', body = ''] of xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const name = `${suite} > ${attribute(attributes, 'classname')} > ${attribute(attributes, 'name')}`;
    const problem = /<(failure|error|skipped)\b([^>]*)/.exec(body);
    if (!problem) {
      passed += 1;
      continue;
    }
    const reason =
      attribute(problem[2] ?? '', 'message')
        .split('\n')[0]
        ?.slice(0, 200) || 'no message';
    (problem[1] === 'skipped' ? skipped : failed).push({ name, reason });
  }
  return { passed, failed, skipped };
}

/** @param {string} attributes @param {string} name */
function attribute(attributes, name) {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
  return value.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (_, decimal, hexadecimal, word) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hexadecimal) return String.fromCodePoint(Number.parseInt(hexadecimal, 16));
    return { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }[/** @type {'lt'} */ (word)] ?? '';
  });
}
