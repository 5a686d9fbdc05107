import { readFileSync, statSync } from 'node:fs';

/** Where in the `-shm` file the lock of the one writer lies. Source: https://sqlite.org/walformat.html, "WAL-Index Locks". */
const writeLockByte = 120;

/**
 * Names the process that holds the write lock of the bank, as far as the system tells: Linux lists locks in `/proc/locks`.
 *
 * @returns a noun: `process 4711 (node import.js)`, or `another process` where it cannot be known.
 */
export function writeLockHolder(path: string): string {
  try {
    const { ino } = statSync(`${path}-shm`);
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      // 3: POSIX  ADVISORY  WRITE 4711 fe:00:1474578 120 120
      const found = /WRITE\s+(\d+)\s+[^ ]*:(\d+)\s+(\d+)\s+\d+$/.exec(line);
      if (found === null || Number(found[2]) !== ino || Number(found[3]) !== writeLockByte) continue;
      const pid = Number(found[1]);
      return pid === process.pid ? 'another connection of this process' : `process ${pid}${commandOf(pid)}`;
    }
  } catch {
    // Not Linux, or the file is gone: the name is a help, not a need.
  }
  return 'another process';
}

function commandOf(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
    return words.length === 0 ? '' : ` (${words.join(' ').slice(0, 120)})`;
  } catch {
    return '';
  }
}
