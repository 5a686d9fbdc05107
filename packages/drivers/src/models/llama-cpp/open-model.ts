import { boundaryError, ModelError } from '@skillrl/core';
import type { ChatWrapper, Llama, LlamaGrammarEvaluationState, LlamaModel } from 'node-llama-cpp';

import { lowLevel, type LowLevel } from './low-level.ts';

export interface OpenModelOptions {
  readonly modelPath: string;
  readonly contextSize: number;
  readonly sequences: number;
  readonly threads: number;
  readonly batchSize: number;
}

export interface OpenedModel {
  readonly model: LlamaModel;
  readonly low: LowLevel;
  /** Puts conversations into the file's chat template. */
  readonly chatWrapper: ChatWrapper;
  /** A fresh grammar of the JSON texts that satisfy a schema. */
  grammar(jsonSchema: Readonly<Record<string, unknown>>): Promise<LlamaGrammarEvaluationState>;
  close(): Promise<void>;
}

/**
 * Loads a GGUF file and makes a context for it, on the processor alone.
 *
 * @throws {ModelError} `LLAMA_CPP_MISSING`, `LLAMA_CPP_VERSION`, or `MODEL_FAILED` with llama.cpp's reason.
 */
export async function openModel(options: OpenModelOptions): Promise<OpenedModel> {
  const { modelPath, contextSize, sequences, threads, batchSize } = options;
  const { llama, library } = await sharedLlama();
  try {
    const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
    // llama.cpp's flash attention is two to ten times slower on a processor for a model of this kind.
    const context = await model.createContext({ contextSize, sequences, threads, batchSize, flashAttention: false });
    const low = lowLevel(llama, model, context);
    low.context.setThreads(threads);
    return {
      model,
      low,
      chatWrapper: library.resolveChatWrapper(model),
      async grammar(jsonSchema) {
        const grammar = await llama.createGrammarForJsonSchema(
          jsonSchema as Parameters<typeof llama.createGrammarForJsonSchema>[0],
        );
        return new library.LlamaGrammarEvaluationState({ model, grammar });
      },
      async close() {
        await context.dispose();
        await model.dispose();
      },
    };
  } catch (error) {
    throw boundaryError('model', `load the model '${modelPath}'`, error);
  }
}

type Library = typeof import('node-llama-cpp');

let loading: Promise<{ readonly llama: Llama; readonly library: Library }> | undefined;

/** One llama.cpp a thread of JavaScript: loading it takes a second. */
function sharedLlama(): NonNullable<typeof loading> {
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
