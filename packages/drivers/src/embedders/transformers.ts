import { EmbedderError, isAbort, SkillError, type Embedder } from '@skillrl/core';

import { checkedEmbedder, otherShape } from './checked-embedder.ts';
import { exportOf, loadPeer, type LoadPackage } from './load-peer.ts';

export interface TransformersEmbedderOptions {
  /** A name on the Hugging Face hub, such as `Xenova/all-MiniLM-L6-v2`, or the path of a folder that holds the model as ONNX. */
  readonly model: string;
  /** Precision of the weights. Default `fp32`. */
  readonly dtype?: 'fp32' | 'fp16' | 'q8' | 'int8' | 'uint8' | 'q4';
  /** How the tokens' vectors become one: the model's card says it. Default `mean`. */
  readonly pooling?: 'mean' | 'cls' | 'last_token';
  /** What the model wants before a question and before a text, such as `query: ` and `passage: `. Default: nothing. */
  readonly prefixes?: { readonly query: string; readonly document: string };
  /** Most texts at once; they are padded to the longest. Default 16. */
  readonly batchSize?: number;
  /** How the package is loaded. Default: as installed beside this one, else in the current folder. */
  readonly load?: LoadPackage;
}

const install = 'ONNXRUNTIME_NODE_INSTALL_CUDA=skip npm install @huggingface/transformers@4';

const transformers = {
  name: '@huggingface/transformers',
  // @ts-ignore: an optional peer
  load: (): Promise<unknown> => import('@huggingface/transformers'),
};

/** A tensor of `texts × dimensions`, row-major. */
interface Tensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
  dispose?(): void;
}

interface Extractor {
  (texts: string[], options: { readonly pooling: string; readonly normalize: boolean }): Promise<Tensor>;
  dispose?(): Promise<unknown>;
}

type Pipeline = (task: string, model: string, options: { readonly dtype: string }) => Promise<Extractor>;

/**
 * A sentence embedding model in this process, by transformers.js. The package is installed by those who want it; the weights are loaded on
 * the first call, from the model's folder or the hub.
 *
 * A text longer than the model's context is embedded by its beginning. The abort is heard between batches.
 *
 * @throws {InputError} `BATCH_SIZE_INVALID`. @throws on a call {UnsupportedError} `EMBEDDER_PACKAGE_MISSING`, {EmbedderError}
 * `EMBEDDER_PACKAGE_BROKEN`, `EMBEDDER_MODEL_UNREADABLE`, `EMBEDDER_SHAPE`, `EMBEDDER_FAILED`.
 */
export function transformersEmbedder(options: TransformersEmbedderOptions): Embedder {
  const { model, dtype = 'fp32', pooling = 'mean', prefixes, batchSize = 16, load } = options;
  const place = `transformers.js with '${model}'`;
  let opening: Promise<Extractor> | undefined;

  const extractor = (): Promise<Extractor> => {
    opening ??= openExtractor(model, dtype, load).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };

  return checkedEmbedder({
    id: nameOf(model, dtype, pooling, prefixes),
    place,
    batchSize,
    request: async (texts, { kind = 'document' }) => {
      const extract = await extractor();
      const prefix = prefixes?.[kind] ?? '';
      const tensor = await extract(
        texts.map((text) => `${prefix}${text}`),
        { pooling, normalize: true },
      ).catch((error: unknown) => {
        throw failure('EMBEDDER_FAILED', `${place} could not embed`, error);
      });
      try {
        return rowsOf(tensor, place);
      } finally {
        tensor.dispose?.();
      }
    },
    close: async () => {
      const open = opening;
      opening = undefined;
      // What could not be opened needs no closing.
      await (await open?.catch(() => undefined))?.dispose?.();
    },
  });
}

/** Another precision, pooling or prefix gives other vectors: each has a name of its own. */
function nameOf(
  model: string,
  dtype: string,
  pooling: string,
  prefixes: TransformersEmbedderOptions['prefixes'],
): string {
  const further = [
    ...(dtype === 'fp32' ? [] : [dtype]),
    ...(pooling === 'mean' ? [] : [pooling]),
    ...(prefixes === undefined ? [] : [JSON.stringify([prefixes.query, prefixes.document])]),
  ];
  return [`transformers:${model}`, ...further].join('#');
}

async function openExtractor(model: string, dtype: string, load: LoadPackage | undefined): Promise<Extractor> {
  const peer = { what: `The embedder transformers:${model}`, install, load };
  const pipeline = exportOf<Pipeline>(await loadPeer(transformers, peer), 'pipeline')!;
  try {
    return await pipeline('feature-extraction', model, { dtype });
  } catch (error) {
    throw failure('EMBEDDER_MODEL_UNREADABLE', `transformers.js cannot load the model '${model}'`, error);
  }
}

function failure(code: string, what: string, cause: unknown): unknown {
  if (cause instanceof SkillError || isAbort(cause)) return cause;
  return new EmbedderError({
    code,
    message: `${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: 'The model must be on the hub, with a way to reach it, or a folder that holds config.json, tokenizer.json and onnx/model.onnx.',
    cause,
  });
}

function rowsOf({ dims, data }: Tensor, place: string): Float32Array[] {
  const [count = 0, dimensions = 0] = dims;
  if (dims.length !== 2 || data.length !== count * dimensions) {
    throw otherShape(place, `a tensor of ${dims.join(' × ')} with ${data.length} numbers`);
  }
  const all = Float32Array.from(data);
  return Array.from({ length: count }, (_, row) => all.slice(row * dimensions, (row + 1) * dimensions));
}
