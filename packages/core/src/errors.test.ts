import { describe, expect, it } from 'vitest';

import {
  atBoundary,
  boundaryError,
  ConfigError,
  EmbedderError,
  EnvironmentError,
  FileError,
  IndexError,
  InputError,
  isAbort,
  ModelError,
  NetworkError,
  SkillError,
  StoreError,
  UnsupportedError,
} from './errors.ts';

describe('atBoundary', () => {
  it('gives back what the work gave', async () => {
    expect(await atBoundary('store', 'read', () => 7)).toBe(7);
    expect(await atBoundary('store', 'read', async () => 7)).toBe(7);
  });

  it.each([
    ['input', InputError],
    ['config', ConfigError],
    ['store', StoreError],
    ['index', IndexError],
    ['model', ModelError],
    ['embedder', EmbedderError],
    ['environment', EnvironmentError],
    ['file', FileError],
    ['network', NetworkError],
  ] as const)('turns foreign errors at the boundary %s into ours, and keeps the cause', async (boundary, type) => {
    const cause = new TypeError('the disk is on fire');
    const failing = atBoundary(boundary, 'append events', () => {
      throw cause;
    });
    await expect(failing).rejects.toBeInstanceOf(type);
    await expect(failing).rejects.toMatchObject({
      name: type.name,
      boundary,
      code: `${boundary.toUpperCase()}_FAILED`,
      message: 'Could not append events: the disk is on fire',
      retryable: false,
      cause,
    });
  });

  it('catches what is rejected as well as what is thrown, even when it is no error', async () => {
    await expect(atBoundary('file', 'open', () => Promise.reject('odd'))).rejects.toMatchObject({
      message: 'Could not open: odd',
      cause: 'odd',
    });
  });

  it('lets our own errors and aborts pass unchanged, also across boundaries', async () => {
    const ours = new ModelError({ code: 'CONTEXT_OVERFLOW', message: 'Too long.' });
    const abort = AbortSignal.abort().reason as Error;
    for (const error of [ours, abort]) {
      await expect(
        atBoundary('store', 'write', () => {
          throw error;
        }),
      ).rejects.toBe(error);
    }
  });
});

describe('SkillError', () => {
  it('tells code, boundary, hint and whether to try again, also as JSON', () => {
    const cause = new Error('low level');
    const error = new StoreError({ code: 'STORE_BUSY', message: 'Busy.', hint: 'Wait.', retryable: true, cause });
    expect(error).toBeInstanceOf(SkillError);
    expect(error.cause).toBe(cause);
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      error: 'StoreError',
      boundary: 'store',
      code: 'STORE_BUSY',
      message: 'Busy.',
      hint: 'Wait.',
      retryable: true,
    });
    expect(String(error)).toBe('StoreError: Busy.');
  });

  it('has no cause when there is none', () => {
    expect('cause' in new InputError({ code: 'X', message: 'x' })).toBe(false);
  });

  it('names where something is not supported', () => {
    expect(new UnsupportedError('index', { code: 'X', message: 'x' })).toMatchObject({
      name: 'UnsupportedError',
      boundary: 'index',
    });
  });
});

describe('isAbort', () => {
  it('knows a caller who gave up, and one whose time was up', async () => {
    expect(isAbort(AbortSignal.abort().reason)).toBe(true);
    const timedOut = AbortSignal.timeout(1);
    await new Promise((resolve) => timedOut.addEventListener('abort', resolve));
    expect(isAbort(timedOut.reason)).toBe(true);
    expect(boundaryError('model', 'ask', timedOut.reason)).toBe(timedOut.reason);
  });

  it('does not take other things for one', () => {
    for (const other of [new Error('AbortError'), 'AbortError', undefined, { name: 'AbortError' }]) {
      expect(isAbort(other)).toBe(false);
    }
  });
});
