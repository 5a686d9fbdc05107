/**
 * @typedef {object} FailedStep
 * @property {string} doing - what was being done, as in "fetching pnpm".
 * @property {string} output - the last part of what the tool printed, or an error's message.
 * @property {string} registry - the package registry in use.
 * @property {string} root - the checkout.
 * @property {string} log - the file that holds everything the tools printed.
 * @property {readonly { readonly folder: string, readonly freeMegabytes: number }[]} disks - those written to, measured when the step failed.
 */

/** Below this a failed step is taken for a full disk: pnpm and its download take half of it. */
const neededMegabytes = 150;

/**
 * One sentence of what happened and one of what to do, from what a package manager printed when it failed.
 *
 * @param {FailedStep} step
 * @returns {string}
 */
export function explainFailure(step) {
  // On a full disk npm stumbles over its own half-written files, removes them, and says something else.
  if (fullest(step) < neededMegabytes) return fullDisk(step);
  for (const { pattern, sentence } of knownFailures) {
    const match = pattern.exec(step.output);
    if (match) return sentence(step, match);
  }
  return (
    `${capital(step.doing)} failed: ${lastLine(step.output)}. ` +
    `Everything the tools said is in ${step.log}; run the same command again to retry.`
  );
}

/** Ordered: a full disk is often reported together with a broken download, and is then the cause of it. */
const knownFailures = [
  {
    pattern: /ENOSPC|EDQUOT|no space left on device|disk quota exceeded|os error 28\b/i,
    sentence: fullDisk,
  },
  {
    pattern: /OUTDATED_LOCKFILE|pnpm-lock\.yaml is not up to date|LOCKFILE_CONFIG_MISMATCH/i,
    sentence: (/** @type {FailedStep} */ { root }) =>
      `pnpm-lock.yaml does not match the package.json files of ${root}. If you changed dependencies, run "npx -y pnpm@12.21.0 install" and commit both; if not, restore them with "git checkout pnpm-lock.yaml".`,
  },
  {
    pattern:
      /SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY|CERT_HAS_EXPIRED|invalid peer certificate|UnknownIssuer/i,
    sentence: (/** @type {FailedStep} */ { registry }, /** @type {RegExpExecArray} */ match) =>
      `The package registry ${registry} has a certificate that this machine does not trust (${match[0]}). Name your network's certificate file in NODE_EXTRA_CA_CERTS or with "npm config set cafile FILE", and run the same command again.`,
  },
  {
    pattern:
      /ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|UND_ERR_\w+|ERR_SOCKET_TIMEOUT|ERR_INVALID_URL|socket hang up|connection refused|dns error|failed to lookup address|error sending request|network is unreachable|operation timed out|\b50[0-4] (?:Internal|Bad|Service|Gateway)/i,
    sentence: (/** @type {FailedStep} */ { doing, registry }, /** @type {RegExpExecArray} */ match) =>
      `The package registry ${registry} cannot be reached (${match[0]}, while ${doing}). Check the network or the proxy settings, or name a registry you can reach with "npm config set registry URL" or the variable npm_config_registry; then run the same command again.`,
  },
  {
    pattern: /\bE40[13]\b|\b40[13] (?:Unauthorized|Forbidden)|FETCH_40[13]/i,
    sentence: (/** @type {FailedStep} */ { registry }) =>
      `The package registry ${registry} refuses access. Log in with "npm login --registry ${registry}" or name another registry with "npm config set registry URL", and run the same command again.`,
  },
  {
    pattern: /\bE404\b|ETARGET|FETCH_404|NO_MATCHING_VERSION|No matching version/i,
    sentence: (/** @type {FailedStep} */ { doing, registry, log }) =>
      `The package registry ${registry} does not have what is needed (while ${doing}; details in ${log}). A mirror may be behind: name the public one with "npm config set registry https://registry.npmjs.org/" and run the same command again.`,
  },
  {
    pattern: /EINTEGRITY|TARBALL_INTEGRITY|integrity check(?:sum)? failed|BAD_TARBALL_SIZE/i,
    sentence: (/** @type {FailedStep} */ { doing, log }) =>
      `A download arrived damaged (while ${doing}; details in ${log}). Run the same command again; if it stays so, clear the caches with "npm cache clean --force".`,
  },
  {
    pattern: /\b(?:EACCES|EPERM|EROFS)\b|permission denied|read-only file system|os error (?:13|30)\b/i,
    sentence: (/** @type {FailedStep} */ { doing, root, log }, /** @type {RegExpExecArray} */ match) =>
      `A file may not be written (${match[0]}, while ${doing}; details in ${log}). Make ${root} and your home folder's caches writable for this user, and run the same command again.`,
  },
];

/** @param {FailedStep} step */
function fullDisk({ doing, disks }) {
  const free = disks.map(({ folder, freeMegabytes }) => `${freeMegabytes} MB free at ${folder}`).join(', ');
  return `The disk is full (while ${doing}; ${free}). About 900 MB are needed for the checkout and the package cache in your home folder: free some space and run the same command again; it goes on where it stopped.`;
}

/** Megabytes that the fullest disk still has. @param {FailedStep} step */
function fullest({ disks }) {
  return Math.min(...disks.map(({ freeMegabytes }) => freeMegabytes));
}

/** @param {string} output */
function lastLine(output) {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return (lines.at(-1) ?? 'no message').replace(/\.$/, '');
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
