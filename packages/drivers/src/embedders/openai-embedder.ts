import { ConfigError, type Embedder } from '@skillrl/core';
import { z } from 'zod';

import { otherShape, refusal, remoteEmbedder, type RemoteLimits } from './remote-embedder.ts';

export interface OpenAiEmbedderOptions extends RemoteLimits {
  /** Such as `text-embedding-3-small`. */
  readonly model: string;
  /** Usually ends in `/v1`. Default `https://api.openai.com/v1`. */
  readonly baseUrl?: string;
  readonly apiKey?: string;
}

const reply = z.object({ data: z.array(z.object({ index: z.number().int(), embedding: z.array(z.number()) })) });
const complaint = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

/**
 * An embedding model behind any OpenAI-compatible server (`/embeddings`).
 *
 * @throws {ConfigError} `EMBEDDER_URL_INVALID`
 * @throws on a call {EmbedderError} `EMBEDDER_UNREACHABLE`, `EMBEDDER_TIMEOUT`, `EMBEDDER_ACCESS_DENIED`, `EMBEDDER_MODEL_MISSING`,
 * `EMBEDDER_MODEL_CANNOT_EMBED`, `EMBEDDER_SHAPE`, `EMBEDDER_FAILED`.
 */
export function openaiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const { model, baseUrl = 'https://api.openai.com/v1', apiKey, ...limits } = options;
  const url = addressOf(baseUrl);
  const place = url.host;
  return remoteEmbedder({
    ...limits,
    // Equal names on different servers may be different models.
    id: `openai:${model}@${url.host}`,
    place,
    startHint: 'Start the server, or correct the base URL; it usually ends in /v1.',
    request: async (texts, signal) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify({ model, input: texts, encoding_format: 'float' }),
        signal,
      });
      const text = await response.text();
      if (!response.ok) {
        const getHint = 'The base URL usually ends in /v1; GET /v1/models lists the models.';
        throw refusal(response.status, withoutSecret(complaintIn(text), apiKey), { place, model, getHint });
      }
      const parsed = reply.safeParse(jsonIn(text));
      if (!parsed.success) throw otherShape(place, withoutSecret(text.slice(0, 200), apiKey));
      return parsed.data.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
    },
  });
}

function addressOf(baseUrl: string): URL {
  const address = `${baseUrl.replace(/\/+$/, '')}/embeddings`;
  if (URL.canParse(address)) return new URL(address);
  throw new ConfigError({
    code: 'EMBEDDER_URL_INVALID',
    message: `'${baseUrl}' is not the address of an embedding server.`,
    hint: 'Write it like http://127.0.0.1:8000/v1.',
  });
}

function complaintIn(text: string): string {
  const { data } = complaint.safeParse(jsonIn(text));
  if (data === undefined) return text.slice(0, 300) || 'no reason given';
  return typeof data.error === 'string' ? data.error : data.error.message;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Some servers repeat the key they refuse. */
function withoutSecret(text: string, secret: string | undefined): string {
  return secret === undefined || secret === '' ? text : text.replaceAll(secret, '…');
}
