import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Compiler flags for the vector instructions of this machine: AVX2 with FMA on an x86-64 processor that has both.
 * ARM's are on by default.
 *
 * @param {{ readonly arch: string, readonly features: string }} processor - `features` as the system lists them.
 * @returns {readonly string[]}
 */
export function vectorFlags({ arch, features }) {
  const has = new Set(features.toLowerCase().split(/\s+/));
  return arch === 'x64' && has.has('avx2') && has.has('fma') ? ['-mavx2', '-mfma'] : [];
}

/** This machine's processor features; empty when the system does not say. */
export function processorFeatures() {
  try {
    if (process.platform === 'linux') return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    if (process.platform === 'darwin') {
      const names = ['machdep.cpu.features', 'machdep.cpu.leaf7_features'];
      return execFileSync('sysctl', ['-n', ...names], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    }
  } catch {
    // Unknown features mean portable code.
  }
  return '';
}
