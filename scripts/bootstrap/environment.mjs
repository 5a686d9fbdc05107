import { delimiter } from 'node:path';

/** npm's settings that decide where packages come from and how they are checked; the rest belongs to the npm that called us. */
const keptSettings =
  /^npm_config_(?:registry|cache|userconfig|globalconfig|cafile|ca|cert|key|proxy|https_proxy|noproxy|no_proxy|strict_ssl|offline|prefer_offline|fetch_.*|maxsockets|store_dir|\/\/.*|@.*)$/i;

/**
 * The environment of everything the bootstrap starts: Node 24 and pnpm first on the path, and none of what `npm run`
 * adds for its own script (a prefix, a log level, a workspace), which would change what a second npm or pnpm does.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {{ readonly bin: string, readonly pnpmBin: string }} paths
 * @returns {NodeJS.ProcessEnv}
 */
export function childEnvironment(env, paths) {
  const child = Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:npm_|INIT_CWD$)/i.test(name) || keptSettings.test(name)),
  );
  const pathName = Object.keys(child).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return {
    ...child,
    [pathName]: [paths.bin, paths.pnpmBin, child[pathName]].filter(Boolean).join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  };
}

/**
 * As {@link childEnvironment}, for installing: development dependencies are always wanted, an unreachable registry is
 * noticed in seconds, and pnpm asks nothing.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {{ readonly bin: string, readonly pnpmBin: string }} paths
 * @returns {NodeJS.ProcessEnv}
 */
export function installEnvironment(env, paths) {
  const { NODE_ENV: _production, ...rest } = childEnvironment(env, paths);
  return {
    ...rest,
    CI: '1',
    npm_config_fetch_retries: env['npm_config_fetch_retries'] ?? '2',
    npm_config_fetch_retry_mintimeout: env['npm_config_fetch_retry_mintimeout'] ?? '1000',
    npm_config_fetch_retry_maxtimeout: env['npm_config_fetch_retry_maxtimeout'] ?? '5000',
    npm_config_loglevel: 'error',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
}
