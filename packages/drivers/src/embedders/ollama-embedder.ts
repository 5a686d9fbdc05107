import type { Embedder } from '@skillrl/core';

import { connect, ollamaAddress, statusOf } from '../models/ollama/connect.ts';
import { otherShape } from './checked-embedder.ts';
import { refusal, remoteEmbedder, type RemoteLimits } from './remote-embedder.ts';

export interface OllamaEmbedderOptions extends RemoteLimits {
  /** Such as `nomic-embed-text`. */
  readonly model: string;
  /** Default `http://127.0.0.1:11434`. A user name and password in it are sent, and shown to nobody. */
  readonly host?: string;
}

/**
 * An embedding model served by Ollama (`/api/embed`). A text longer than the model's context is embedded by its beginning.
 *
 * @throws {ConfigError} `OLLAMA_HOST_INVALID`
 * @throws on a call {EmbedderError} `EMBEDDER_UNREACHABLE`, `EMBEDDER_TIMEOUT`, `EMBEDDER_MODEL_MISSING`,
 * `EMBEDDER_MODEL_CANNOT_EMBED`, `EMBEDDER_SHAPE`, `EMBEDDER_FAILED`.
 */
export function ollamaEmbedder({ model, host, ...limits }: OllamaEmbedderOptions): Embedder {
  const address = ollamaAddress(host);
  const place = `Ollama at ${address.url}`;
  return remoteEmbedder({
    ...limits,
    id: `ollama:${model}`,
    place,
    startHint: `Start it with 'ollama serve', or say where it listens: 'ollama:${model}@http://host:11434'.`,
    request: async (texts, send) => {
      const client = await connect(address, undefined, send);
      const { embeddings } = await client.embed({ model, input: [...texts] }).catch((error: unknown) => {
        const status = statusOf(error);
        if (status === undefined) throw error;
        throw refusal(status, (error as Error).message, {
          place,
          model,
          getHint: `Get it with 'ollama pull ${model}'.`,
        });
      });
      if (!Array.isArray(embeddings)) throw otherShape(place, 'no list of embeddings');
      return embeddings;
    },
  });
}
