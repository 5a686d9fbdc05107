import { ModelError } from '@skillrl/core';
import type { Llama } from 'node-llama-cpp';

import { importPeer, isMissing } from '../../import-peer.ts';
import { oneThreadAtATime } from './one-thread.ts';

type Library = typeof import('node-llama-cpp');

let loading: Promise<{ readonly llama: Llama; readonly library: Library }> | undefined;

/**
 * llama.cpp without a graphics card, loaded once a thread of JavaScript: it takes a second.
 *
 * @throws {ModelError} `LLAMA_CPP_MISSING`
 */
export function sharedLlama(): NonNullable<typeof loading> {
  loading ??= loadLlama();
  return loading;
}

const install = 'npm install node-llama-cpp@3.22.1';

async function loadLibrary(): Promise<Library> {
  try {
    return (await importPeer({ name: 'node-llama-cpp', load: () => import('node-llama-cpp') })) as Library;
  } catch (cause) {
    if (isMissing(cause)) {
      throw new ModelError({
        code: 'LLAMA_CPP_MISSING',
        message: 'Running a model in this process needs the package node-llama-cpp, which is not installed.',
        hint: `Install it: ${install}. Or use a model behind a server, such as ollama:qwen3:4b.`,
        cause,
      });
    }
    throw new ModelError({
      code: 'LLAMA_CPP_MISSING',
      message: `node-llama-cpp is installed and cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: `Install it again: ${install}`,
      cause,
    });
  }
}

async function loadLlama(): NonNullable<typeof loading> {
  const library = await loadLibrary();
  const { getLlama, LlamaLogLevel } = library;
  try {
    // llama.cpp keeps a list of its backends without a lock: of 422 processes whose two threads wrote it at once, one died.
    const llama = await oneThreadAtATime('llama-cpp', () =>
      // maxThreads 0: no limit of the library's own; each context says how many it uses.
      getLlama({
        gpu: false,
        build: 'never',
        maxThreads: 0,
        progressLogs: false,
        logLevel: LlamaLogLevel.error,
        logger: () => {},
      }),
    );
    return { llama, library };
  } catch (error) {
    throw new ModelError({
      code: 'LLAMA_CPP_MISSING',
      message: `node-llama-cpp has no binary that runs here: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'Install it again with its optional packages, or use a model behind a server, such as ollama:qwen3:4b.',
      cause: error,
    });
  }
}
