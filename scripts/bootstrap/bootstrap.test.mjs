import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { programFor } from './commands.mjs';
import { requireWritable } from './ensure-toolchain.mjs';
import { childEnvironment, installEnvironment } from './environment.mjs';
import { explainFailure } from './explain-failure.mjs';
import { installFingerprint } from './fingerprint.mjs';
import { vectorFlags } from './processor.mjs';
import { showProgress } from './progress.mjs';
import { indexNotice, isIndexSettled } from './vector-index.mjs';

/** @type {string[]} */
const folders = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('explainFailure', () => {
  it.each([
    ['npm error code ECONNREFUSED', 'The package registry http://registry.test/ cannot be reached (ECONNREFUSED'],
    [
      'error sending request: tcp connect error: Connection refused (os error 111)',
      'cannot be reached (error sending request',
    ],
    ['getaddrinfo EAI_AGAIN registry.test', 'cannot be reached (EAI_AGAIN'],
    ['npm error code E403\n403 Forbidden', 'refuses access'],
    ['ERR_PNPM_NO_MATCHING_VERSION  No matching version found', 'does not have what is needed'],
    [
      'write ENOSPC: no space left on device',
      'The disk is full (while installing packages; 5000 MB free at /checkout)',
    ],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'NODE_EXTRA_CA_CERTS'],
    ['ERR_PNPM_OUTDATED_LOCKFILE', 'pnpm-lock.yaml does not match'],
    ["EACCES: permission denied, mkdir '/checkout/node_modules'", 'A file may not be written (EACCES'],
    ['ERR_PNPM_TARBALL_INTEGRITY', 'arrived damaged'],
  ])('turns "%s" into what to do', (output, sentence) => {
    const told = explainFailure(failed(output));
    expect(told).toContain(sentence);
    expect(told).toMatch(/run|Run|log in/i);
  });

  it('takes a failed download on a full disk for what it is', () => {
    const told = explainFailure(failed('SyntaxError: Unexpected end of JSON input', 3));
    expect(told).toContain('The disk is full');
  });

  it('shows the last line of what it does not know, and where the rest is', () => {
    const told = explainFailure(failed('first\nsomething odd happened.\n'));
    expect(told).toContain(
      'Installing packages failed: something odd happened. Everything the tools said is in /checkout/install.log',
    );
  });
});

describe('requireWritable', () => {
  it('lets a writable checkout pass and says of another what to do', () => {
    expect(() => requireWritable(checkout())).not.toThrow();
    expect(() => requireWritable('/absent/checkout')).toThrow(
      /The checkout \/absent\/checkout may not be written \(ENOENT\).*copy it to a folder that is/,
    );
  });
});

describe('childEnvironment', () => {
  const paths = { bin: '/checkout/node_modules/.bin', pnpmBin: '/checkout/pnpm/.bin' };

  it('puts Node 24 and pnpm first and leaves out what npm run adds for its own script', () => {
    const env = childEnvironment(
      {
        PATH: '/usr/bin',
        HOME: '/h',
        INIT_CWD: '/elsewhere',
        npm_config_prefix: '/x',
        npm_config_loglevel: 'silent',
        npm_lifecycle_event: 'test',
      },
      paths,
    );
    expect(env).toEqual({
      PATH: '/checkout/node_modules/.bin:/checkout/pnpm/.bin:/usr/bin',
      HOME: '/h',
      TURBO_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
    });
  });

  it('tells pnpm the registry and the proxy that npm was told', () => {
    const env = childEnvironment({ npm_config_registry: 'http://mirror/', npm_config_proxy: 'http://proxy/' }, paths);
    expect(env).toMatchObject({ pnpm_config_registry: 'http://mirror/', pnpm_config_http_proxy: 'http://proxy/' });
  });

  it('installs development dependencies although NODE_ENV is production, and keeps the patience a user asks for', () => {
    const env = installEnvironment({ NODE_ENV: 'production', npm_config_fetch_retries: '9' }, paths);
    expect(env['NODE_ENV']).toBeUndefined();
    expect(env).toMatchObject({ npm_config_fetch_retries: '9', pnpm_config_fetch_retries: '9', CI: '1' });
  });
});

describe('installFingerprint', () => {
  const machine = { platform: 'linux', arch: 'x64' };

  it('stays the same until a lockfile, a package.json or the platform changes', () => {
    const root = checkout();
    const first = installFingerprint(root, machine);
    expect(installFingerprint(root, machine)).toBe(first);
    writeFileSync(join(root, 'README.md'), 'new');
    expect(installFingerprint(root, machine)).toBe(first);
    expect(installFingerprint(root, { ...machine, arch: 'arm64' })).not.toBe(first);
    writeFileSync(join(root, 'packages', 'core', 'package.json'), '{ "name": "other" }');
    const second = installFingerprint(root, machine);
    expect(second).not.toBe(first);
    writeFileSync(join(root, 'pnpm-lock.yaml'), 'changed');
    expect(installFingerprint(root, machine)).not.toBe(second);
  });
});

describe('the vector index', () => {
  it('is compiled for AVX2 where the processor has it together with FMA', () => {
    expect(vectorFlags({ arch: 'x64', features: ' fpu sse4_2 fma avx avx2 ' })).toEqual(['-mavx2', '-mfma']);
    expect(vectorFlags({ arch: 'x64', features: 'FPU FMA AVX2' })).toEqual(['-mavx2', '-mfma']);
    expect(vectorFlags({ arch: 'x64', features: 'fpu avx' })).toEqual([]);
    expect(vectorFlags({ arch: 'arm64', features: 'fma avx2' })).toEqual([]);
  });

  const plan = {
    compiler: '/usr/bin/g++',
    source: '/hnswlib-node',
    addon: '/absent/addon.node',
    flags: [],
    fingerprint: 'now',
  };

  it('is compiled when it is absent or the compiler changed, and not again after a failure', () => {
    expect(isIndexSettled(plan, undefined)).toBe(false);
    expect(isIndexSettled(plan, { fingerprint: 'now', outcome: 'compiled' })).toBe(false);
    expect(isIndexSettled(plan, { fingerprint: 'now', outcome: 'failed' })).toBe(true);
    expect(isIndexSettled(plan, { fingerprint: 'before', outcome: 'failed' })).toBe(false);
    expect(isIndexSettled({ ...plan, compiler: undefined }, undefined)).toBe(true);
  });

  it('says in one line that the flat index serves, and why', () => {
    expect(indexNotice({ ...plan, compiler: undefined }, undefined)).toContain(
      'No C++ compiler found: hnswlib-node is left out and the exact flat index serves.',
    );
    expect(indexNotice(plan, { fingerprint: 'now', outcome: 'failed', reason: 'no memory' })).toContain('(no memory)');
    expect(indexNotice({ ...plan, addon: import.meta.filename }, undefined)).toBeUndefined();
  });
});

describe('programFor', () => {
  it('runs the program that the package skillrl names, where the user is', () => {
    const root = checkout();
    const place = { root, callerFolder: '/somewhere' };
    const script = join(root, 'packages', 'skillrl', 'main.ts');
    expect(programFor('skillrl', ['--json'], place)).toEqual({ script, args: ['--json'], cwd: '/somewhere' });
    expect(programFor('start', ['--official'], place)).toEqual({
      script,
      args: ['start', '--official'],
      cwd: '/somewhere',
    });
    expect(programFor('test', ['--long'], place)).toEqual({
      script: join(root, 'scripts', 'test.mjs'),
      args: ['--long'],
      cwd: root,
    });
  });

  it('names the commands when there is no such one', () => {
    expect(() => programFor('tset', [], { root: checkout(), callerFolder: '/' })).toThrow(
      /no command tset; there are: start, test/,
    );
  });
});

describe('showProgress', () => {
  it('writes whole lines where there is no terminal', () => {
    const written = /** @type {string[]} */ ([]);
    const step = showProgress({ write: (text) => written.push(text) }).step('installing packages');
    step.detail('added 3');
    step.end('packages are installed');
    expect(written).toEqual(['skillrl: installing packages … 0 s\n', 'skillrl: packages are installed (0 s)\n']);
  });
});

/** @param {string} output @param {number} [freeMegabytes] */
function failed(output, freeMegabytes = 5000) {
  const disks = [{ folder: '/checkout', freeMegabytes }];
  return {
    doing: 'installing packages',
    output,
    registry: 'http://registry.test/',
    root: '/checkout',
    log: '/checkout/install.log',
    disks,
  };
}

function checkout() {
  const root = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  folders.push(root);
  for (const name of ['core', 'skillrl']) mkdirSync(join(root, 'packages', name), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "packageManager": "pnpm@1.2.3" }');
  writeFileSync(join(root, 'pnpm-lock.yaml'), 'lock');
  writeFileSync(join(root, 'packages', 'core', 'package.json'), '{ "name": "core" }');
  writeFileSync(join(root, 'packages', 'skillrl', 'package.json'), '{ "bin": { "skillrl": "./main.ts" } }');
  writeFileSync(join(root, 'packages', 'skillrl', 'main.ts'), '');
  return root;
}
