import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @typedef {object} LockHolder
 * @property {number} pid - the bootstrap.
 * @property {number} [child] - the tool it runs: it may outlive a bootstrap that was killed.
 * @property {string} host
 */

const heartbeatMs = 2_000;
const silentMs = 30_000;

/**
 * Runs `work` while no other process of any bootstrap of this checkout does. Waits for a holder that is at work; takes
 * over from one that died or has been silent for half a minute.
 *
 * @template T
 * @param {string} path - the lock file.
 * @param {(lock: { readonly setChild: (pid: number | undefined) => void }) => Promise<T>} work
 * @param {{ onWait?: (holder: LockHolder) => void, signal?: AbortSignal, pollMs?: number }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, options = {}) {
  const { onWait, signal, pollMs = 300 } = options;
  const self = { pid: process.pid, host: hostname() };
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!tryCreate(path, self)) {
    const seen = readHolder(path);
    if (seen === undefined) continue;
    if (isAbandoned(seen)) {
      takeAway(path, seen.text);
      continue;
    }
    if (!told) onWait?.(seen.holder);
    told = true;
    await sleep(pollMs, undefined, { signal });
  }
  const heartbeat = setInterval(() => touch(path), heartbeatMs);
  heartbeat.unref();
  try {
    return await work({ setChild: (child) => writeFileSync(path, JSON.stringify({ ...self, child })) });
  } finally {
    clearInterval(heartbeat);
    if (readHolder(path)?.holder.pid === process.pid) remove(path);
  }
}

/** @param {string} path @param {LockHolder} holder */
function tryCreate(path, holder) {
  let file;
  try {
    file = openSync(path, 'wx');
    writeSync(file, JSON.stringify(holder));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    if (file !== undefined) remove(path);
    throw error;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * @param {string} path
 * @returns {{ readonly holder: LockHolder, readonly text: string, readonly silentForMs: number } | undefined}
 *   `undefined` when the lock is gone.
 */
function readHolder(path) {
  try {
    const silentForMs = Date.now() - statSync(path).mtimeMs;
    const text = readFileSync(path, 'utf8');
    return { holder: parseHolder(text), text, silentForMs };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A lock whose text is being written reads as one of an unknown, other host: only silence ends it. @param {string} text */
function parseHolder(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { pid: 0, host: '' };
  }
}

/** @param {{ readonly holder: LockHolder, readonly silentForMs: number }} seen */
function isAbandoned({ holder, silentForMs }) {
  if (silentForMs > silentMs) return true;
  if (holder.host !== hostname()) return false;
  return !isAlive(holder.pid) && !(holder.child && isAlive(holder.child));
}

/**
 * Removes an abandoned lock exactly once when several bootstraps notice it together: the removal has a lock of its own,
 * and the text is read again inside it.
 *
 * @param {string} path
 * @param {string} text - the abandoned holder as it was read.
 */
function takeAway(path, text) {
  const guard = `${path}.takeover`;
  if (!tryCreate(guard, { pid: process.pid, host: hostname() })) {
    const other = readHolder(guard);
    if (other && isAbandoned(other)) remove(guard);
    return;
  }
  try {
    if (readHolder(path)?.text === text) remove(path);
  } finally {
    remove(guard);
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

/** @param {string} path */
function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // The folder was removed under us: the work itself will fail with a better message.
  }
}

/** @param {string} path */
function remove(path) {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** @param {unknown} error @param {string} code */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
