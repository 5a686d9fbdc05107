import { delimiter, dirname } from 'node:path';

/** npm's settings that say where packages come from and how; the rest is about the npm that called us. */
const keptSettings =
  /^npm_config_(registry|cache|userconfig|globalconfig|cafile|ca|cert|key|proxy|https_proxy|noproxy|strict_ssl|offline|prefer_offline|fetch_\w+|\/\/.*|@.*)$/i;

/** Those of them that pnpm knows, by pnpm's name: it reads them from `pnpm_config_…` alone. */
const pnpmNames = {
  registry: 'registry',
  cafile: 'cafile',
  proxy: 'http_proxy',
  https_proxy: 'https_proxy',
  noproxy: 'no_proxy',
  strict_ssl: 'strict_ssl',
  fetch_retries: 'fetch_retries',
  fetch_retry_factor: 'fetch_retry_factor',
  fetch_retry_mintimeout: 'fetch_retry_mintimeout',
  fetch_retry_maxtimeout: 'fetch_retry_maxtimeout',
  fetch_timeout: 'fetch_timeout',
};

/**
 * The environment of everything the bootstrap starts: Node 24 and pnpm first on the path, and none of what `npm run`
 * adds for its own script (a prefix, a log level, a workspace), which would change what a second npm or pnpm does.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {{ readonly bin: string, readonly pnpmBin: string }} paths
 * @returns {NodeJS.ProcessEnv}
 */
export function childEnvironment(env, paths) {
  const kept = Object.entries(env).filter(([name]) => !/^(?:npm_|INIT_CWD$)/i.test(name) || keptSettings.test(name));
  const child = Object.fromEntries(kept);
  const pathName = Object.keys(child).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return {
    ...forPnpm(kept),
    ...child,
    [pathName]: [paths.bin, paths.pnpmBin, child[pathName]].filter(Boolean).join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  };
}

/**
 * As {@link childEnvironment}, for installing: development dependencies are always wanted, an unreachable registry is
 * noticed in seconds, and nothing is asked.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {{ readonly pnpmBin: string }} paths
 * @returns {NodeJS.ProcessEnv}
 */
export function installEnvironment(env, paths) {
  const { NODE_ENV: _production, ...rest } = env;
  const patience = {
    npm_config_fetch_retries: '2',
    npm_config_fetch_retry_mintimeout: '1000',
    npm_config_fetch_retry_maxtimeout: '5000',
  };
  return {
    // The Node that runs us is known to work; the one in the folder may be what has to be repaired.
    ...childEnvironment({ ...patience, ...rest }, { bin: dirname(process.execPath), pnpmBin: paths.pnpmBin }),
    CI: '1',
    npm_config_loglevel: 'error',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
}

/** @param {readonly [string, string | undefined][]} settings */
function forPnpm(settings) {
  const given = new Map(settings.map(([name, value]) => [name.toLowerCase(), value]));
  const renamed = Object.entries(pnpmNames).map(([npmName, name]) => [
    `pnpm_config_${name}`,
    given.get(`npm_config_${npmName}`),
  ]);
  return Object.fromEntries(renamed.filter(([, value]) => value !== undefined));
}
