import { ConfigError, type ChatModel, type Embedder } from '@skillrl/core';
import * as drivers from '@skillrl/drivers';

import type { Config } from './config.ts';
import { projectFolder } from './project-folder.ts';

/**
 * The language model that a string names: `ollama:qwen3:4b`, `openai:MODEL@URL`, `llama:FILE`, `builtin:base`, `policy:live`. Where Ollama listens and the
 * key of an OpenAI-compatible server come from `OLLAMA_HOST` and `OPENAI_API_KEY`, unless the options say otherwise.
 *
 * @throws {ConfigError} `MODEL_SPEC_INVALID` with the forms there are. Nothing is contacted before the first request.
 */
export function chatModel(spec: string, options: drivers.ChatModelOptions = {}): ChatModel {
  return drivers.chatModel(spec, { ...fromEnvironment(), ...options });
}

/** The model of the settings; `policy:live` is what the project has published. @throws as `chatModel` does. */
export function configuredModel({ model, folder }: Pick<Config, 'model' | 'folder'>): ChatModel {
  return chatModel(model, { policyFolder: projectFolder(folder).served['llama-cpp'] });
}

/**
 * The embedder that a string names: `compact`, `ollama:NAME`, `openai:NAME@URL`, `use-lite`, `transformers:NAME`; servers as for `chatModel`.
 *
 * @throws {ConfigError} `EMBEDDER_SPEC_INVALID` with the forms there are.
 */
export function embedder(spec: string, options: drivers.EmbedderOptions = {}): Embedder {
  return drivers.embedder(spec, { ...fromEnvironment(), ...options });
}

/** The embedder that a bank says serves it, from its id; `undefined` for one of another program, which cannot be made here. */
export function embedderOf(id: string): Embedder | undefined {
  try {
    return embedder(id);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** Where Ollama listens, and a key, as the environment says. */
export function fromEnvironment(): { ollamaHost?: string; apiKey?: string } {
  const { OLLAMA_HOST: host, OPENAI_API_KEY: apiKey } = process.env;
  return { ...(host ? { ollamaHost: host } : {}), ...(apiKey ? { apiKey } : {}) };
}
