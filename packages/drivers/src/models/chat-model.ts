import { ConfigError, ModelError, type ChatModel, type ServedVersion } from '@skillrl/core';

import { builtinPolicies, builtinPolicyPath, type BuiltinPolicy } from './builtin-policy.ts';
import { lazyLlamaCpp } from './llama-cpp.ts';
import { fingerprint } from './llama-cpp/fingerprint.ts';
import { ollama } from './ollama.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { policyModel } from './policy-model.ts';
import { tinkerModel } from './tinker.ts';
import { vllmModel } from './vllm.ts';
import type { TrainerAddress } from '../trainers/tinker/samplers.ts';

export interface ChatModelOptions {
  /** Secret of an OpenAI-compatible server. */
  readonly apiKey?: string;
  /** Where Ollama listens, when the string does not say. Default `http://127.0.0.1:11434`. */
  readonly ollamaHost?: string;
  /** Where the trainer is, when a `tinker:` string does not say. Asked at every request, so that it may throw what there is to say. */
  readonly trainer?: () => TrainerAddress;
  /** Secret of a trainer that a `tinker:` string says the address of. */
  readonly trainerToken?: string;
  /** Folder of versions, when a `policy:` string does not say. Default `.skillrl/served/llama-cpp`. */
  readonly policyFolder?: string;
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
  'ollama:my-policy:v12#model.gguf',
  'openai:gpt-4o-mini',
  'openai:MODEL@http://host:port/v1',
  'vllm:my-policy@v12@http://host:port/v1#model.gguf',
  'tinker://MODEL/sampler_weights/NAME#model.gguf',
  'tinker://MODEL/sampler_weights/NAME@http://host:port/api/v1#model.gguf',
  'llama:./model.gguf',
  'builtin:base',
  'builtin:warm',
  'policy:live',
  'policy:v12@FOLDER',
];

/**
 * The language model that a string names. Nothing is contacted or loaded before its first request, but a missing file is noticed.
 *
 * After `#` stands a GGUF file with the model's vocabulary: with it Ollama's replies carry token ids, and vLLM and a trainer are asked by token ids
 * alone. `policy:` chooses of the versions that were published in a folder; `policy:live` is the live one, whichever that is at the time of a request.
 *
 * @throws {ConfigError} `MODEL_SPEC_INVALID` with the forms there are; {ModelError} for a file that is missing or of another kind.
 */
export function chatModel(spec: string, options: ChatModelOptions = {}): ChatModel {
  const { apiKey, ollamaHost, contextSize, threads, maxTokens } = options;
  const { scheme, rest, name, url } = partsOf(spec);
  if (name === '') throw unknownForm(spec);
  switch (scheme) {
    case 'ollama': {
      const { name: model, url: host = ollamaHost, tokenizer } = withVocabulary(spec);
      return ollama({ model, host, tokenizer, contextSize, maxTokens });
    }
    case 'vllm': {
      const { name: model, url: baseUrl, tokenizer } = withVocabulary(spec);
      if (tokenizer === undefined) throw unknownForm(spec);
      return vllmModel({ model, baseUrl, apiKey, tokenizer, contextSize, maxTokens });
    }
    case 'tinker': {
      const { name: path, url, tokenizer } = withVocabulary(spec);
      if (tokenizer === undefined) throw unknownForm(spec);
      const trainer = url === undefined ? (options.trainer ?? noTrainer) : { url, token: options.trainerToken };
      return tinkerModel({ path: `tinker:${path}`, trainer, tokenizer, contextSize, maxTokens });
    }
    case 'openai':
      return openaiCompatible({ model: name, baseUrl: url, apiKey, maxTokens });
    case 'llama':
      return lazyLlamaCpp({ modelPath: rest, contextSize, threads, maxTokens });
    case 'builtin': {
      if (!isBuiltin(rest)) throw unknownForm(spec);
      const modelPath = builtinPolicyPath(rest);
      return lazyLlamaCpp({ modelPath, contextSize, threads, maxTokens, id: `${spec}@${fingerprint(modelPath)}` });
    }
    case 'policy': {
      const [, version = '', folder = options.policyFolder ?? defaultPolicyFolder] =
        /^([^@]+)(?:@(.+))?$/s.exec(rest) ?? [];
      const open = ({ version: found, model }: ServedVersion): ChatModel => {
        const modelPath = partsOf(model).scheme === 'llama' ? partsOf(model).rest : undefined;
        if (modelPath === undefined) return chatModel(model, options);
        return lazyLlamaCpp({
          modelPath,
          contextSize,
          threads,
          maxTokens,
          id: `policy:${found}@${fingerprint(modelPath)}`,
        });
      };
      return policyModel({ folder, version, open });
    }
    default:
      throw unknownForm(spec);
  }
}

/** Beside the bank, where `skillrl` publishes for models in this process. */
const defaultPolicyFolder = '.skillrl/served/llama-cpp';

function partsOf(spec: string): {
  readonly scheme?: string;
  readonly rest: string;
  readonly name: string;
  readonly url?: string;
} {
  const [, scheme, rest = ''] = /^([a-z]+):(.+)$/s.exec(spec) ?? [];
  const [, name = '', url] = /^(.+?)(?:@(https?:\/\/.+))?$/s.exec(rest) ?? [];
  return { scheme, rest, name, url };
}

/** The parts of a string that may end in `#` and the file of a vocabulary. */
function withVocabulary(spec: string): ReturnType<typeof partsOf> & { readonly tokenizer?: string } {
  const [, address = spec, tokenizer] = /^([^#]*)#(.+)$/s.exec(spec) ?? [];
  return { ...partsOf(address), tokenizer };
}

function noTrainer(): never {
  throw new ModelError({
    code: 'MODEL_UNREACHABLE',
    message: 'The model is a version that a trainer keeps, and nothing says where the trainer is.',
    hint: 'Start it, skillrl trainer start, or say where it is: tinker://MODEL/sampler_weights/NAME@URL#FILE.',
  });
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
