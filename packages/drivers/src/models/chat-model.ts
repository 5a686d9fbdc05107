import { ConfigError, type ChatModel } from '@skillrl/core';

import { builtinPolicies, builtinPolicyPath, type BuiltinPolicy } from './builtin-policy.ts';
import { lazyLlamaCpp } from './llama-cpp.ts';
import { fingerprint } from './llama-cpp/fingerprint.ts';
import { ollama } from './ollama.ts';
import { openaiCompatible } from './openai-compatible.ts';

export interface ChatModelOptions {
  /** Secret of an OpenAI-compatible server. */
  readonly apiKey?: string;
  /** Where Ollama listens, when the string does not say. Default `http://127.0.0.1:11434`. */
  readonly ollamaHost?: string;
  /** Most tokens of a prompt with its reply. Default: the driver's. */
  readonly contextSize?: number;
  /** Threads of the processor, for a model in this process. Default 1. */
  readonly threads?: number;
  /** Most tokens of a reply when the request does not say. Default 512. */
  readonly maxTokens?: number;
}

/** The forms `chatModel` understands, with an example each. */
export const chatModelForms: readonly string[] = [
  'ollama:qwen3:4b',
  'ollama:qwen3:4b@http://host:11434',
  'openai:gpt-4o-mini',
  'openai:MODEL@http://host:port/v1',
  'llama:./model.gguf',
  'builtin:base',
  'builtin:warm',
];

/**
 * The language model that a string names. Nothing is contacted or loaded before its first request, but a missing file is noticed.
 *
 * @throws {ConfigError} `MODEL_SPEC_INVALID` with the forms there are; {ModelError} for a file that is missing or of another kind.
 */
export function chatModel(spec: string, options: ChatModelOptions = {}): ChatModel {
  const { apiKey, ollamaHost, contextSize, threads, maxTokens } = options;
  const [, scheme, rest = ''] = /^([a-z]+):(.+)$/s.exec(spec) ?? [];
  const [, name = '', url] = /^(.+?)(?:@(https?:\/\/.+))?$/s.exec(rest) ?? [];
  if (name === '') throw unknownForm(spec);
  switch (scheme) {
    case 'ollama':
      return ollama({ model: name, host: url ?? ollamaHost, contextSize, maxTokens });
    case 'openai':
      return openaiCompatible({ model: name, baseUrl: url, apiKey, maxTokens });
    case 'llama':
      return lazyLlamaCpp({ modelPath: rest, contextSize, threads, maxTokens });
    case 'builtin': {
      if (!isBuiltin(rest)) throw unknownForm(spec);
      const modelPath = builtinPolicyPath(rest);
      return lazyLlamaCpp({ modelPath, contextSize, threads, maxTokens, id: `${spec}@${fingerprint(modelPath)}` });
    }
    default:
      throw unknownForm(spec);
  }
}

function isBuiltin(name: string): name is BuiltinPolicy {
  return (builtinPolicies as readonly string[]).includes(name);
}

function unknownForm(spec: string): ConfigError {
  return new ConfigError({
    code: 'MODEL_SPEC_INVALID',
    message: `'${spec}' names no language model.`,
    hint: `Write it as one of: ${chatModelForms.join(', ')}.`,
  });
}
