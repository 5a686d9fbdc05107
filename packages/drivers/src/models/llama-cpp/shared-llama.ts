import { ModelError } from '@skillrl/core';
import type { Llama } from 'node-llama-cpp';

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

async function loadLlama(): NonNullable<typeof loading> {
  let library: Library;
  try {
    library = await import('node-llama-cpp');
  } catch (error) {
    throw new ModelError({
      code: 'LLAMA_CPP_MISSING',
      message: 'Running a model in this process needs the package node-llama-cpp, which is not installed.',
      hint: 'npm install node-llama-cpp@3.22.1',
      cause: error,
    });
  }
  const { getLlama, LlamaLogLevel } = library;
  try {
    // maxThreads 0: no limit of the library's own; each context says how many it uses.
    const llama = await getLlama({
      gpu: false,
      build: 'never',
      maxThreads: 0,
      progressLogs: false,
      logLevel: LlamaLogLevel.error,
      logger: () => {},
    });
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
