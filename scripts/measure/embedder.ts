import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import type { Embedder } from '../../packages/core/src/index.ts';
import { compact, embedder } from '../../packages/drivers/src/index.ts';
import { hashEmbedder } from '../../packages/testing/src/index.ts';

export const description = 'Embedders: texts a second, and paraphrases found among 150 texts';

interface Paraphrase {
  readonly text: string;
  readonly paraphrase: string;
  readonly keywords: string;
}

interface Measurement {
  readonly embedder: string;
  readonly textsPerSecond: number;
  /** Of the test paraphrases: right text first, among five, mean reciprocal rank. */
  readonly first: number;
  readonly amongFive: number;
  readonly reciprocalRank: number;
  /** Right text first by keywords. */
  readonly keywordsFirst: number;
}

const fixture = new URL('../../packages/drivers/src/embedders/fixtures/paraphrases.json', import.meta.url);

/**
 * Prints one line an embedder, or with `--json` one JSON object: the built-in one, hashed words and letters beside it, and each that
 * `--embedder SPEC` names (`ollama:nomic-embed-text`). Processor time of one core, the best of three passes over 3,000 texts.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean' }, embedder: { type: 'string', multiple: true, default: [] } },
  });
  const { development, test } = JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, Paraphrase[]>;
  const results: Measurement[] = [];
  for (const one of [compact(), hashEmbedder({ dimensions: 1024 }), ...values.embedder.map((spec) => embedder(spec))]) {
    results.push(await measureOne(one, test!, [...test!, ...development!]));
  }

  const machine = `${cpus()[0]?.model}, Node ${process.version}`;
  if (values.json) {
    console.log(JSON.stringify({ machine, questions: test!.length, measurements: results }, undefined, 2));
    return;
  }
  console.log(`${machine}; ${test!.length} questions, ${test!.length + development!.length} texts\n`);
  console.log('embedder                 texts/s   first  among 5     MRR  keywords first');
  for (const { embedder: name, textsPerSecond, first, amongFive, reciprocalRank, keywordsFirst } of results) {
    const shares = [first, amongFive, reciprocalRank, keywordsFirst].map((share) => share.toFixed(3).padStart(8));
    console.log(`${name.padEnd(22)} ${Math.round(textsPerSecond).toString().padStart(9)} ${shares.join('')}`);
  }
}

async function measureOne(
  one: Embedder,
  questions: readonly Paraphrase[],
  pool: readonly Paraphrase[],
): Promise<Measurement> {
  const texts = await one.embed(pool.map(({ text }) => text));
  const paraphrased = await ranks('paraphrase');
  const byKeywords = await ranks('keywords');
  const share = (found: readonly number[], limit: number): number =>
    found.filter((rank) => rank < limit).length / found.length;
  return {
    embedder: one.id,
    textsPerSecond: await speed(one, pool),
    first: share(paraphrased, 1),
    amongFive: share(paraphrased, 5),
    reciprocalRank: paraphrased.reduce((sum, rank) => sum + 1 / (rank + 1), 0) / paraphrased.length,
    keywordsFirst: share(byKeywords, 1),
  };

  /** How many texts come before the right one, a number a question. */
  async function ranks(field: 'paraphrase' | 'keywords'): Promise<number[]> {
    const asked = await one.embed(questions.map((question) => question[field]));
    return asked.map((vector, question) => {
      const right = texts[pool.indexOf(questions[question]!)]!;
      return texts.filter((text) => dot(vector, text) > dot(vector, right)).length;
    });
  }
}

async function speed(one: Embedder, pool: readonly Paraphrase[]): Promise<number> {
  const count = one.id.includes(':') ? 150 : 3000;
  const texts = Array.from(
    { length: count },
    (_, number) => `${pool[number % pool.length]!.text} shelf ${number % 40}`,
  );
  const passes: number[] = [];
  for (let pass = 0; pass < 3; pass += 1) {
    const [before, begin] = [process.cpuUsage(), performance.now()];
    await one.embed(texts);
    const { user, system } = process.cpuUsage(before);
    // A server's work is not in this process: its texts are counted by the clock.
    passes.push(one.id.includes(':') ? performance.now() - begin : (user + system) / 1000);
  }
  return count / (Math.min(...passes) / 1000);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let position = 0; position < a.length; position += 1) sum += a[position]! * b[position]!;
  return sum;
}
