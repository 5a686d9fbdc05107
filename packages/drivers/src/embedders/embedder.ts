import { ConfigError, type Embedder } from '@skillrl/core';

import { compact } from './compact.ts';
import { ollamaEmbedder } from './ollama-embedder.ts';
import { openaiEmbedder } from './openai-embedder.ts';
import type { RemoteLimits } from './remote-embedder.ts';
import { transformersEmbedder } from './transformers.ts';
import { useLite } from './use-lite.ts';

export interface EmbedderOptions extends RemoteLimits {
  /** Secret of an OpenAI-compatible server. */
  readonly apiKey?: string;
  /** Where Ollama listens, when the string does not say. Default `http://127.0.0.1:11434`. */
  readonly ollamaHost?: string;
}

/** The forms `embedder` understands, with an example each. */
export const embedderForms: readonly string[] = [
  'compact',
  'ollama:nomic-embed-text',
  'ollama:nomic-embed-text@http://host:11434',
  'openai:text-embedding-3-small',
  'openai:MODEL@http://host:8000/v1',
  'use-lite',
  'transformers:MODEL',
];

/**
 * The embedder that a string names; the id of each is such a string too, so that a bank's embedder can be made from the id it keeps. Nothing
 * is contacted or loaded before its first call.
 *
 * @throws {ConfigError} `EMBEDDER_SPEC_INVALID` with the forms there are.
 */
export function embedder(spec: string, options: EmbedderOptions = {}): Embedder {
  const { apiKey, ollamaHost, ...limits } = options;
  if (spec === 'compact' || spec === compact().id) return compact();
  if (spec === 'use-lite' || spec === useLite().id) return useLite();
  const [, scheme, model = '', url] = /^([a-z]+):(.+?)(?:@(https?:\/\/.+))?$/s.exec(spec) ?? [];
  if (scheme === 'ollama') return ollamaEmbedder({ ...limits, model, host: url ?? ollamaHost });
  if (scheme === 'openai') return openaiEmbedder({ ...limits, model, baseUrl: url, apiKey });
  if (scheme === 'transformers' && url === undefined) return transformersEmbedder({ model });
  throw new ConfigError({
    code: 'EMBEDDER_SPEC_INVALID',
    message: `'${spec}' names no embedder.`,
    hint: `Write it as one of: ${embedderForms.join(', ')}.`,
  });
}
