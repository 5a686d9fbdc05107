import { readFileSync, statfsSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** Of the last level, MB, where the system tells. On a rented machine it may be shared with neighbours. */
  readonly cacheMb?: number;
  readonly memoryGb: number;
  readonly node: string;
  /** Processes that wanted a core in the last minute: above the number of cores, times by the clock are too long. */
  readonly load: number;
  /** False where the run's folder is in memory: its durable writes are none. */
  readonly isOnDisk?: boolean;
}

export function describeMachine(folder: string): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    cacheMb: cacheMb(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load: Math.round(loadavg()[0]! * 10) / 10,
    isOnDisk: isOnDisk(folder),
  };
}

export function machineLine({
  processor,
  cores,
  cacheMb: cache,
  memoryGb,
  node,
  load,
  isOnDisk: disk,
}: Machine): string {
  return [
    `${processor}, ${cores} cores`,
    ...(cache === undefined ? [] : [`${cache} MB of last-level cache`]),
    `${memoryGb} GB`,
    `Node ${node}`,
    `load ${load}`,
    ...(disk === false ? ['the folder of the writes is in memory, not on a disk'] : []),
  ].join(', ');
}

function cacheMb(): number | undefined {
  for (const level of [3, 2]) {
    try {
      const size = readFileSync(`/sys/devices/system/cpu/cpu0/cache/index${level}/size`, 'utf8');
      return Number.parseInt(size, 10) / 1024;
    } catch {
      // Other systems, and some virtual machines, do not tell.
    }
  }
  return undefined;
}

function isOnDisk(folder: string): boolean | undefined {
  const tmpfs = 0x01021994;
  try {
    return process.platform === 'linux' ? statfsSync(folder).type !== tmpfs : undefined;
  } catch {
    return undefined;
  }
}
