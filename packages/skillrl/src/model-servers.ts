import { ConfigError, type ModelServer } from '@skillrl/core';
import { llamaCppServer, ollamaServer, vllmServer } from '@skillrl/drivers';

import { fromEnvironment } from './models.ts';
import { projectFolder } from './project-folder.ts';

/** The forms `modelServer` understands. */
export const modelServerForms: readonly string[] = [
  'llama-cpp',
  'ollama',
  'ollama:NAME',
  'ollama:NAME@http://host:11434',
  'vllm',
  'vllm:NAME@http://host:8000/v1',
];

export interface ModelServerOptions {
  /** The project's folder. */
  readonly folder: string;
  /** A GGUF file with the policy's vocabulary, for token ids out of Ollama. */
  readonly tokenizer?: string;
}

/**
 * The model server that a string names; its `id` is such a string, too. Nothing is contacted. Where Ollama listens comes from `OLLAMA_HOST`
 * when the string does not say.
 *
 * @throws {ConfigError} `SERVER_SPEC_INVALID` with the forms there are.
 */
export function modelServer(spec: string, { folder, tokenizer }: ModelServerOptions): ModelServer {
  const [, kind, name, url] = /^(llama-cpp|ollama|vllm)(?::([^@]+)(?:@(https?:\/\/.+))?)?$/.exec(spec) ?? [];
  const { served } = projectFolder(folder);
  const { ollamaHost } = fromEnvironment();
  if (kind === 'llama-cpp' && name === undefined) return llamaCppServer({ folder: served['llama-cpp'] });
  if (kind === 'ollama') return ollamaServer({ name, host: url ?? ollamaHost, tokenizer });
  if (kind === 'vllm') return vllmServer({ name, url, folder: served.vllm });
  throw new ConfigError({
    code: 'SERVER_SPEC_INVALID',
    message: `'${spec}' names no model server.`,
    hint: `Write it as one of: ${modelServerForms.join(', ')}.`,
  });
}
