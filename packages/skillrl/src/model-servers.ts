import { ConfigError, type ModelServer } from '@skillrl/core';
import { llamaCppServer, ollamaServer, trainerServer, vllmServer } from '@skillrl/drivers';

import { fromEnvironment } from './models.ts';
import { projectFolder } from './project-folder.ts';
import { trainerAddress } from './trainer-address.ts';

/** The forms `modelServer` understands. */
export const modelServerForms: readonly string[] = [
  'llama-cpp',
  'ollama',
  'ollama:NAME',
  'ollama:NAME@http://host:11434',
  'vllm',
  'vllm:NAME@http://host:8000/v1',
  'trainer',
  'trainer:http://host:port/api/v1',
];

export interface ModelServerOptions {
  /** The project's folder. */
  readonly folder: string;
  /** A GGUF file with the policy's vocabulary, for token ids out of Ollama and vLLM. */
  readonly tokenizer?: string;
}

/**
 * The model server that a string names; its `id` is such a string, too. Nothing is contacted. Where Ollama listens comes from `OLLAMA_HOST`
 * when the string does not say; `trainer` is the project's own, and one with an address wants the token in `SKILLRL_TRAINER_TOKEN`.
 *
 * @throws {ConfigError} `SERVER_SPEC_INVALID` with the forms there are.
 */
export function modelServer(spec: string, { folder, tokenizer }: ModelServerOptions): ModelServer {
  const { served } = projectFolder(folder);
  const { ollamaHost, apiKey, trainerToken: token } = fromEnvironment();
  const [, trainer, address] = /^(trainer)(?::(https?:\/\/.+))?$/.exec(spec) ?? [];
  if (trainer !== undefined) {
    return address === undefined
      ? trainerServer({ folder: served.trainer, trainer: () => trainerAddress(folder) })
      : trainerServer({ folder: served.trainer, trainer: () => ({ url: address, token }), isNamed: true });
  }
  const [, kind, name, url] = /^(llama-cpp|ollama|vllm)(?::([^@]+)(?:@(https?:\/\/.+))?)?$/.exec(spec) ?? [];
  if (kind === 'llama-cpp' && name === undefined) return llamaCppServer({ folder: served['llama-cpp'] });
  if (kind === 'ollama') return ollamaServer({ name, host: url ?? ollamaHost, tokenizer });
  if (kind === 'vllm') return vllmServer({ name, url, folder: served.vllm, tokenizer, apiKey });
  throw new ConfigError({
    code: 'SERVER_SPEC_INVALID',
    message: `'${spec}' names no model server.`,
    hint: `Write it as one of: ${modelServerForms.join(', ')}.`,
  });
}
