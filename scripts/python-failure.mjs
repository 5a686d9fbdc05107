/**
 * @typedef {object} FailedPythonStep
 * @property {string} doing - what was being done, as in "installing Python packages for oracle".
 * @property {string} output - the last part of what was printed.
 * @property {string} log - the file that holds all of it.
 */

/**
 * One sentence of what happened and one of what to do, from what `venv` or `pip` printed when it failed.
 *
 * @param {FailedPythonStep} step
 * @returns {string}
 */
export function explainPythonFailure(step) {
  for (const { pattern, sentence } of knownFailures) {
    const match = pattern.exec(step.output);
    if (match) return sentence(step, match);
  }
  const { doing, log } = step;
  return `${doing.charAt(0).toUpperCase()}${doing.slice(1)} failed: ${lastError(step.output)}. All that was printed is in ${log}; run the same command again to retry.`;
}

/** Ordered: a full disk breaks what comes after it, and an index that could not be reached offers no distribution. */
const knownFailures = [
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    sentence: (/** @type {FailedPythonStep} */ { doing }) =>
      `The disk is full (while ${doing}). Free some space and run the same command again.`,
  },
  {
    pattern: /No module named '?(venv|ensurepip)'?|ensurepip is not available|apt install python3[\d.]*-venv/i,
    sentence: () =>
      'This Python cannot make environments: its venv module is missing. Install it (on Debian and Ubuntu: apt install python3-venv) and run the same command again.',
  },
  {
    pattern:
      /CMAKE_(?:C|CXX)_COMPILER not set|No CMAKE_(?:C|CXX)_COMPILER could be found|command '\S*(?:gcc|g\+\+|cc|clang|make)' failed: No such file|(?:gcc|g\+\+|cc|make): (?:command )?not found|No such file or directory: '(?:gcc|g\+\+|cc|make|cmake)'|CMAKE_MAKE_PROGRAM is not set|unable to execute '\S+'/,
    sentence: (/** @type {FailedPythonStep} */ { doing, log }) =>
      `A package must be compiled, and there is no C++ compiler or no make (while ${doing}; details in ${log}). Install them (on Debian and Ubuntu: apt install build-essential) and run the same command again.`,
  },
  {
    pattern:
      /NewConnectionError|NameResolutionError|Temporary failure in name resolution|ConnectTimeout|ReadTimeout|ProxyError|Network is unreachable|Connection refused|ConnectionResetError|SSLError|CERTIFICATE_VERIFY_FAILED/,
    sentence: (/** @type {FailedPythonStep} */ { doing }, /** @type {RegExpExecArray} */ match) =>
      `The Python package index cannot be reached (${match[0]}, while ${doing}). Check the network or the proxy settings, or name an index you can reach in PIP_INDEX_URL; then run the same command again.`,
  },
  {
    pattern: /No matching distribution found for (\S+)/,
    sentence: (/** @type {FailedPythonStep} */ { doing, log }, /** @type {RegExpExecArray} */ match) =>
      `The package index has no ${match[1]} for this Python (while ${doing}; details in ${log}). Name another Python in SKILLRL_PYTHON, such as 3.11, and run the same command again.`,
  },
  {
    pattern: /Permission denied|Read-only file system/,
    sentence: (/** @type {FailedPythonStep} */ { doing, log }, /** @type {RegExpExecArray} */ match) =>
      `A file may not be written (${match[0]}, while ${doing}; details in ${log}). Make .skillrl and pip's cache writable for this user, and run the same command again.`,
  },
];

/** @param {string} output */
function lastError(output) {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const error = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'no message';
  return error.replace(/\.$/, '');
}
