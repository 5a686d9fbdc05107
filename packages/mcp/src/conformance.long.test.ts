import { execFile, execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createMemory } from '@skillrl/memory';
import {
  describeWith,
  memoryEntryStore,
  memoryEpisodeStore,
  temporaryFolder,
  type Requirement,
} from '@skillrl/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { serveHttp, type HttpServer } from './serve-http.ts';

const packageName = '@modelcontextprotocol/conformance';
const version = '0.1.16';

/** Scenarios that need no tool of their own fixture. */
const scenarios = [
  'server-initialize',
  'ping',
  'tools-list',
  'tools-call-error',
  'resources-list',
  'prompts-list',
  'server-sse-multiple-streams',
  'dns-rebinding-protection',
];

/** The suite brings some thirty packages: it is installed for this test alone, where the registry can be reached. */
function conformance(): Requirement {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const command = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${packageName}@${version}`];
  try {
    execFileSync('npm', command, { cwd: folder, stdio: 'ignore', timeout: 180_000 });
  } catch {
    return { name: 'conformance', available: false, reason: `${packageName} ${version} could not be installed` };
  }
  const path = join(folder, 'node_modules', packageName, 'dist', 'index.js');
  return existsSync(path)
    ? { name: 'conformance', available: true, path }
    : { name: 'conformance', available: false, reason: `${packageName} ${version} has no dist/index.js` };
}

describeWith(conformance(), 'the public conformance suite of the protocol', (program) => {
  let server: HttpServer;
  beforeAll(async () => {
    const memory = createMemory({ episodes: memoryEpisodeStore(), entries: memoryEntryStore() });
    server = await serveHttp(memory, { port: 0 });
  });
  afterAll(() => server.close());

  it.each(scenarios)(
    '%s',
    async (scenario) => {
      const args = [program, 'server', '--url', server.url, '--scenario', scenario];
      const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
        execFile(process.execPath, args, { cwd: temporaryFolder() }, (error, stdout, stderr) =>
          resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
        );
      });
      expect({ code, output }).toMatchObject({ code: 0 });
    },
    60_000,
  );
});
