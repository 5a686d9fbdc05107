import { ConfigError, type ChatModel, type Embedder } from '@skillrl/core';
import * as drivers from '@skillrl/drivers';

import type { Config } from './config.ts';
import { projectFolder } from './project-folder.ts';
import { trainerAddress } from './trainer-address.ts';

/**
 * The language model that a string names: `ollama:qwen3:4b`, `openai:MODEL@URL`, `llama:FILE`, `builtin:base`, `policy:live`. Where Ollama listens, the
 * key of an OpenAI-compatible server and a trainer's token come from `OLLAMA_HOST`, `OPENAI_API_KEY` and `SKILLRL_TRAINER_TOKEN`, unless the options
 * say otherwise.
 *
 * @throws {ConfigError} `MODEL_SPEC_INVALID` with the forms there are. Nothing is contacted before the first request.
 */
export function chatModel(spec: string, options: drivers.ChatModelOptions = {}): ChatModel {
  return drivers.chatModel(spec, { ...fromEnvironment(), ...options });
}

/** The model of the settings; `policy:live` is what the project has published, and `tinker:` asks its trainer. @throws as `chatModel` does. */
export function configuredModel({ model, folder }: Pick<Config, 'model' | 'folder'>): ChatModel {
  const policyFolder = projectFolder(folder).served['llama-cpp'];
  return chatModel(model, { policyFolder, trainer: () => trainerAddress(folder) });
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

/** Where Ollama listens, and what proves that servers may be asked, as the environment says. */
export function fromEnvironment(): { ollamaHost?: string; apiKey?: string; trainerToken?: string } {
  const { OLLAMA_HOST: ollamaHost, OPENAI_API_KEY: apiKey, SKILLRL_TRAINER_TOKEN: trainerToken } = process.env;
  return { ...(ollamaHost && { ollamaHost }), ...(apiKey && { apiKey }), ...(trainerToken && { trainerToken }) };
}
