import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePythonEnvironment } from './python-environment.mjs';

// A stand-in for Python: it answers its version, copies itself for `-m venv`, and notes each call.
const standIn = `#!/bin/sh
case "$*" in
  -c*) echo 3 11 7 ;;
  "-m venv "*) echo venv >> "$CALLS"; mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  "-m pip install "*) echo pip >> "$CALLS"; echo "$PIP_SAYS"; exit "\${PIP_EXITS:-0}" ;;
esac
`;

let folder = '';
let env = {};
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skillrl-python-'));
  writeFileSync(join(folder, 'python'), standIn);
  chmodSync(join(folder, 'python'), 0o755);
  writeFileSync(join(folder, 'requirements.txt'), 'six==1.17.0\n');
  env = { PATH: process.env['PATH'], SKILLRL_PYTHON: join(folder, 'python'), CALLS: join(folder, 'calls') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
const ensure = (/** @type {Record<string, string>} */ more = {}) =>
  ensurePythonEnvironment({
    name: 'tests',
    requirements: join(folder, 'requirements.txt'),
    folder: join(folder, 'environments'),
    env: { ...env, ...more },
  });

describe.skipIf(process.platform === 'win32')('ensurePythonEnvironment', () => {
  it('makes an environment once, however many ask at the same time or later', async () => {
    const paths = await Promise.all([ensure(), ensure(), ensure()]);
    expect(new Set([...paths, await ensure()])).toEqual(new Set([join(folder, 'environments/tests/bin/python')]));
    expect(calls()).toEqual(['venv', 'pip']);
  });

  it('brings it up to date when the requirements have changed', async () => {
    await ensure();
    writeFileSync(join(folder, 'requirements.txt'), 'six==1.16.0\n');
    await ensure();
    expect(calls()).toEqual(['venv', 'pip', 'pip']);
  });

  it('makes it anew after an install that did not end', async () => {
    await expect(ensure({ PIP_EXITS: '1' })).rejects.toThrow('Installing Python packages for tests failed');
    await ensure();
    expect(calls()).toEqual(['venv', 'pip', 'venv', 'pip']);
    expect(existsSync(join(folder, 'environments/tests.unfinished'))).toBe(false);
  });

  it.each([
    ['NewConnectionError: [Errno 111] Connection refused', 'The Python package index cannot be reached'],
    [
      'WARNING: NewConnectionError, retrying\nNo CMAKE_CXX_COMPILER could be found.',
      'there is no C++ compiler or no make',
    ],
    ["error: command 'g++' failed: No such file or directory", 'there is no C++ compiler or no make'],
    ['ERROR: No matching distribution found for torch==9', 'The package index has no torch==9 for this Python'],
    ['OSError: [Errno 28] No space left on device', 'The disk is full'],
    ['ERROR: something new.', 'failed: ERROR: something new. All that was printed is in '],
  ])('explains %j', async (output, explanation) => {
    await expect(ensure({ PIP_EXITS: '1', PIP_SAYS: output })).rejects.toMatchObject({
      code: 'INSTALL_FAILED',
      message: expect.stringContaining(explanation),
    });
  });

  it('says so when there is no Python', async () => {
    await expect(ensure({ SKILLRL_PYTHON: join(folder, 'nothing') })).rejects.toMatchObject({
      code: 'PYTHON_MISSING',
      message: expect.stringContaining('Install Python 3.10 or newer'),
    });
  });
});
