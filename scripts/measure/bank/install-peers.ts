import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Peers that are installed together: a folder of its own for each group, so that one that cannot be installed leaves the others. */
export type PeerGroup = keyof typeof peerPackages;

/** The versions that are measured. */
export const peerPackages = {
  usearch: { usearch: '2.26.2' },
  'sqlite-vec': { 'sqlite-vec': '0.1.9' },
  langchain: {
    '@langchain/classic': '1.0.50',
    '@langchain/community': '1.1.29',
    '@langchain/core': '1.4.0',
    '@langchain/langgraph-checkpoint': '1.2.2',
  },
} as const satisfies Record<string, Record<string, string>>;

export const peersFolder = fileURLToPath(new URL('../../../.skillrl/peers', import.meta.url));

/**
 * Installs each group that is not there in these versions, with npm. No install script of theirs runs.
 *
 * @returns why a group cannot be used, for those that cannot.
 */
export async function installPeers(say: (line: string) => void, signal: AbortSignal): Promise<Map<PeerGroup, string>> {
  const failures = new Map<PeerGroup, string>();
  for (const group of Object.keys(peerPackages) as PeerGroup[]) {
    try {
      await installGroup(group, say, signal);
    } catch (error) {
      signal.throwIfAborted();
      failures.set(group, `not installed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failures;
}

async function installGroup(group: PeerGroup, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  const folder = join(peersFolder, group);
  const stamp = join(folder, 'installed.json');
  const manifest = JSON.stringify({ private: true, dependencies: peerPackages[group] }, undefined, 2);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === manifest) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), manifest);
  say(
    `installing ${Object.entries(peerPackages[group])
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')} …`,
  );
  // The optional peers of @langchain/community contradict one another.
  await npm('install --ignore-scripts --legacy-peer-deps --no-audit --no-fund --no-package-lock', folder, signal);
  if (group === 'langchain') linkHnswlib(folder);
  writeFileSync(stamp, manifest);
}

/** LangChain's store uses the library that this checkout has compiled: both are measured with the same instructions. */
function linkHnswlib(folder: string): void {
  const drivers = createRequire(new URL('../../../packages/drivers/src/index.ts', import.meta.url));
  const link = join(folder, 'node_modules', 'hnswlib-node');
  if (!existsSync(link))
    symlinkSync(realpathSync(dirname(drivers.resolve('hnswlib-node/package.json'))), link, 'junction');
}

function npm(args: string, folder: string, signal: AbortSignal): Promise<void> {
  const caller = process.env['npm_execpath'] ?? '';
  const isNpm = /npm-cli\.[cm]?js$/.test(caller) && existsSync(caller);
  const command = isNpm ? process.execPath : process.platform === 'win32' ? 'npm.cmd' : 'npm';
  return new Promise((resolve, reject) => {
    const all = [...(isNpm ? [caller] : []), ...args.split(' ')];
    const child = spawn(command, all, { cwd: folder, signal, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.once('error', reject);
    child.once('close', (code) => {
      const reason = said.split('\n').find((line) => line.includes('error')) ?? `exit code ${code}`;
      if (code === 0) resolve();
      else reject(new Error(reason));
    });
  });
}
