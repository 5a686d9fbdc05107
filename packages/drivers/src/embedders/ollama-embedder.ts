import type { Embedder } from '@skillrl/core';

import { connect } from '../models/ollama/connect.ts';
import { otherShape, refusal, remoteEmbedder, type RemoteLimits } from './remote-embedder.ts';

export interface OllamaEmbedderOptions extends RemoteLimits {
  /** Such as `nomic-embed-text`. */
  readonly model: string;
  /** Default `http://127.0.0.1:11434`. */
  readonly host?: string;
}

/**
 * An embedding model served by Ollama (`/api/embed`). A text longer than the model's context is embedded by its beginning.
 *
 * @throws on a call {EmbedderError} `EMBEDDER_UNREACHABLE`, `EMBEDDER_TIMEOUT`, `EMBEDDER_MODEL_MISSING`,
 * `EMBEDDER_MODEL_CANNOT_EMBED`, `EMBEDDER_SHAPE`, `EMBEDDER_FAILED`.
 */
export function ollamaEmbedder({ model, host = 'http://127.0.0.1:11434', ...limits }: OllamaEmbedderOptions): Embedder {
  const place = `Ollama at ${host}`;
  return remoteEmbedder({
    ...limits,
    id: `ollama:${model}`,
    place,
    startHint: `Start it with 'ollama serve', or say where it listens: 'ollama:${model}@http://host:11434'.`,
    request: async (texts, signal) => {
      const client = await connect(host, signal);
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

function statusOf(error: unknown): number | undefined {
  const status = (error as { readonly status_code?: unknown } | undefined)?.status_code;
  return typeof status === 'number' ? status : undefined;
}
