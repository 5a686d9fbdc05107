import { boundaryError } from '@skillrl/core';
import type { ChatWrapper, LlamaGrammarEvaluationState, LlamaModel } from 'node-llama-cpp';

import { lowLevel, type LowLevel } from './low-level.ts';
import { sharedLlama } from './shared-llama.ts';

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
  /** Puts conversations into the file's chat template; absent when it has none. */
  readonly chatWrapper?: ChatWrapper;
  /** A fresh grammar of the JSON texts that satisfy a schema. */
  readonly grammar: (jsonSchema: Readonly<Record<string, unknown>>) => Promise<LlamaGrammarEvaluationState>;
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
    const template = model.fileInfo.metadata.tokenizer?.chat_template;
    return {
      model,
      low,
      chatWrapper:
        template === undefined
          ? undefined
          : new library.JinjaTemplateChatWrapper({ template, tokenizer: model.tokenizer }),
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
