import type { Embedder } from '@skillrl/core';
import { z } from 'zod';

import { serverAddress } from '../http/server-address.ts';
import { otherShape } from './checked-embedder.ts';
import { refusal, remoteEmbedder, type RemoteLimits } from './remote-embedder.ts';

export interface OpenAiEmbedderOptions extends RemoteLimits {
  /** Such as `text-embedding-3-small`. */
  readonly model: string;
  /** Usually ends in `/v1`. Default `https://api.openai.com/v1`. A user name and password in it are sent, and shown to nobody. */
  readonly baseUrl?: string;
  readonly apiKey?: string;
}

const reply = z.object({ data: z.array(z.object({ index: z.number().int(), embedding: z.array(z.number()) })) });
const complaint = z.object({ error: z.union([z.string(), z.object({ message: z.string() })]) });

/**
 * An embedding model behind any OpenAI-compatible server (`/embeddings`).
 *
 * @throws {ConfigError} `EMBEDDER_URL_INVALID`, `API_KEY_INVALID`
 * @throws on a call {EmbedderError} `EMBEDDER_UNREACHABLE`, `EMBEDDER_TIMEOUT`, `EMBEDDER_ACCESS_DENIED`, `EMBEDDER_MODEL_MISSING`,
 * `EMBEDDER_MODEL_CANNOT_EMBED`, `EMBEDDER_SHAPE`, `EMBEDDER_FAILED`.
 */
export function openaiEmbedder(options: OpenAiEmbedderOptions): Embedder {
  const { model, baseUrl = 'https://api.openai.com/v1', apiKey, ...limits } = options;
  const { url, authorization } = serverAddress(baseUrl, 'EMBEDDER_URL_INVALID', apiKey);
  const place = new URL(url).host;
  return remoteEmbedder({
    ...limits,
    // Equal names on different servers may be different models. The id is a string from which `embedder` makes it again.
    id: `openai:${model}@${url}`,
    place,
    startHint: 'Start the server, or correct the base URL; it usually ends in /v1.',
    request: async (texts, send) => {
      const response = await send((signal) =>
        fetch(`${url}/embeddings`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(authorization === undefined ? {} : { authorization }),
          },
          body: JSON.stringify({ model, input: texts, encoding_format: 'float' }),
          signal,
        }),
      );
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
