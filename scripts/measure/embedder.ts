import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import type { Embedder } from '../../packages/core/src/index.ts';
import { compact, embedder } from '../../packages/drivers/src/index.ts';
import { hashEmbedder } from '../../packages/testing/src/index.ts';
import { measureCachedVectors } from './embedder/cached-vectors.ts';
import { fetchedUseLite, gloveMean } from './embedder/peers.ts';
import { compare, scoreFrom, scoreOf, type Comparison, type Question, type Score } from './embedder/score.ts';
import { dense, fused, ownBm25, sqliteBm25, type Searcher } from './embedder/searchers.ts';

export const description =
  'embedders: texts a second, and texts found by paraphrase and by keywords, in paired comparison';

/** Questions over texts among which others stand. */
interface QuestionSet {
  readonly name: string;
  readonly questions: readonly Question[];
  /** The questions' own first. */
  readonly texts: readonly string[];
}

interface Contender {
  readonly embedder?: Embedder;
  readonly over: (texts: readonly string[]) => Promise<Searcher>;
}

interface Row {
  readonly paraphrase: Score;
  readonly keywords: Score;
  readonly textsPerSecond?: number;
}

interface Result {
  readonly set: string;
  readonly questions: number;
  readonly texts: number;
  readonly rows: readonly Row[];
  readonly paraphrase: readonly Comparison[];
  readonly keywords: readonly Comparison[];
}

/**
 * Prints, for each set of questions and for both together, a table of the searchers and one of paired comparisons with the built-in
 * embedder; with `--json` one JSON object. `--peers` fetches a plain GloVe mean (294 MB) and USE-lite (32 MB) into `.skillrl/measure`;
 * `--embedder SPEC` adds one more; `--cached N` instead reads N kept vectors. Processor time of this process, the best of three passes.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      peers: { type: 'boolean' },
      cached: { type: 'string' },
      embedder: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.cached !== undefined) return measureCachedVectors(Number(values.cached));
  const sets = questionSets();
  const bags = values.peers ? [gloveMean()] : [];
  const models = [...(values.peers ? [fetchedUseLite()] : []), ...values.embedder.map((spec) => embedder(spec))];
  const contenders = contendersOf(bags, models);
  const results: Result[] = [];
  for (const set of sets)
    results.push(resultOf(set.name, set.texts.length, await rowsOf(set, contenders, set === sets[0])));
  const [first, second] = results;
  results.push(resultOf('both', first!.texts + second!.texts, together(first!.rows, second!.rows)));

  const machine = `${cpus()[0]?.model}, Node ${process.version}`;
  if (values.json) console.log(JSON.stringify({ machine, results }, undefined, 2));
  else {
    console.log(machine);
    for (const result of results) print(result);
  }
}

function questionSets(): QuestionSet[] {
  const { skills } = fixture('skill-questions.json') as { readonly skills: readonly Question[] };
  const { development, test } = fixture('paraphrases.json') as Record<'development' | 'test', readonly Question[]>;
  const textsOf = (questions: readonly Question[]): string[] => questions.map(({ text }) => text);
  return [
    { name: 'skill-questions.json', questions: skills, texts: textsOf(skills) },
    { name: 'paraphrases.json, held out', questions: test, texts: textsOf([...test, ...development]) },
  ];
}

function fixture(name: string): unknown {
  const url = new URL(`../../packages/drivers/src/embedders/fixtures/${name}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

async function rowsOf(set: QuestionSet, contenders: readonly Contender[], withSpeed: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { embedder: one, over } of contenders) {
    const searcher = await over(set.texts);
    rows.push({
      paraphrase: await scoreOf(searcher, set.questions, 'paraphrase'),
      keywords: await scoreOf(searcher, set.questions, 'keywords'),
      ...(one === undefined || !withSpeed ? {} : { textsPerSecond: await speed(one, set.texts) }),
    });
  }
  return rows;
}

/** The questions of two sets as one, each still among the texts of its own. */
function together(one: readonly Row[], other: readonly Row[]): Row[] {
  return one.map((row, position) => ({
    paraphrase: scoreFrom(row.paraphrase.name, [...row.paraphrase.ranks, ...other[position]!.paraphrase.ranks]),
    keywords: scoreFrom(row.keywords.name, [...row.keywords.ranks, ...other[position]!.keywords.ranks]),
  }));
}

function resultOf(set: string, texts: number, rows: readonly Row[]): Result {
  const [ours, ...others] = rows;
  const comparisons = (field: 'paraphrase' | 'keywords'): Comparison[] =>
    others.map((other) => compare(ours![field], other[field]));
  const questions = ours!.paraphrase.ranks.length;
  return { set, questions, texts, rows, paraphrase: comparisons('paraphrase'), keywords: comparisons('keywords') };
}

/**
 * The built-in embedder first: all others are compared with it.
 *
 * @param bags - embedders that stand alone. @param models - those that also stand within retrieval.
 */
function contendersOf(bags: readonly Embedder[], models: readonly Embedder[]): Contender[] {
  const alone = (one: Embedder): Contender => ({ embedder: one, over: (texts) => dense(one, texts) });
  const within = (one: Embedder): Contender => ({ over: (texts) => fused(one, texts) });
  const ours = compact();
  return [
    alone(ours),
    within(ours),
    { over: async (texts) => ownBm25(texts) },
    { over: async (texts) => sqliteBm25(texts) },
    alone(hashEmbedder({ dimensions: 1024 })),
    ...bags.map(alone),
    ...models.flatMap((one) => [alone(one), within(one)]),
  ];
}

function print(result: Result): void {
  console.log(`\n== ${result.set}: ${result.questions} questions, ${result.texts} texts\n`);
  console.log(`${' '.repeat(28)}paraphrases              keywords`);
  console.log(`${'searcher'.padEnd(26)}   r@1    r@5    MRR      r@1    r@5    MRR    texts/s`);
  for (const { paraphrase, keywords, textsPerSecond } of result.rows) {
    const shares = [paraphrase, keywords].map(({ first, amongFive, reciprocalRank }) =>
      [first, amongFive, reciprocalRank].map((share) => share.toFixed(3).padStart(7)).join(''),
    );
    const rate = textsPerSecond === undefined ? '' : Math.round(textsPerSecond).toLocaleString('en');
    console.log(`${paraphrase.name.padEnd(24)}${shares.join('  ')}${rate.padStart(11)}`);
  }
  for (const field of ['paraphrase', 'keywords'] as const) {
    console.log(
      `\n${result[field][0]?.ours} against …, ${field}: only one first (McNemar), higher rank (sign test), differences with 95 % intervals`,
    );
    for (const { other, first, rank, firstDifference, reciprocalRankDifference } of result[field]) {
      console.log(
        `${other.padEnd(26)}${`${first.onlyOurs}:${first.onlyOther}`.padStart(8)} p ${chance(first.p)}` +
          `${`${rank.better}:${rank.worse}`.padStart(9)} p ${chance(rank.p)}` +
          `   r@1 ${range(firstDifference)}   MRR ${range(reciprocalRankDifference)}`,
      );
    }
  }
}

function chance(p: number): string {
  return (p < 0.001 ? p.toExponential(0) : p.toFixed(3)).padEnd(6);
}

function range({ mean, low, high }: { readonly mean: number; readonly low: number; readonly high: number }): string {
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
  return `${signed(mean)} [${signed(low)}, ${signed(high)}]`;
}

/** Texts a second of processor time; of a server, whose work is not in this process, by the clock. */
async function speed(one: Embedder, pool: readonly string[]): Promise<number> {
  const isServer = /^(ollama|openai):/.test(one.id);
  const count = isServer || /^(transformers|use-lite)/.test(one.id) ? 168 : 3_000;
  const texts = Array.from({ length: count }, (_, number) => `${pool[number % pool.length]!} shelf ${number % 40}`);
  const passes: number[] = [];
  for (let pass = 0; pass < 3; pass += 1) {
    const [before, begin] = [process.cpuUsage(), performance.now()];
    await one.embed(texts);
    const { user, system } = process.cpuUsage(before);
    passes.push(isServer ? performance.now() - begin : (user + system) / 1000);
  }
  return count / (Math.min(...passes) / 1000);
}
