import { compact } from '../../../../packages/drivers/src/index.ts';
import { entryProse } from '../../../../packages/memory/src/index.ts';
import type { Section } from '../context.ts';
import { generatedEntry, generatedTask } from '../generated-entries.ts';
import { processorMs } from '../per-query.ts';
import { target, type Row, type Target } from '../table.ts';
import { keyOf } from '../text-vectors.ts';

/** How fast the built-in embedder is; how well it finds, `npm run measure -- embedder` says. */
export const embedder: Section = async function* ({ isQuick, say }) {
  say('embedder');
  const count = isQuick ? 1000 : 20_000;
  const numbers = Array.from({ length: count }, (_, number) => number);
  const entries = numbers.map((number) => generatedEntry(number, 'measured'));
  const goals = await textsPerSecond(numbers.map((number) => generatedTask(number).instruction));
  const keys = await textsPerSecond(entries.map(keyOf));
  const whole = await textsPerSecond(entries.map(entryProse));
  const isFast = ({ speed }: Speed): Target => target('≥ 20,000', speed >= 20_000);
  const columns = [
    { key: 'speed', title: 'texts/s' },
    { key: 'words', title: 'words a text' },
  ];
  const rows: Row[] = [
    { name: 'goals of tasks', values: { ...goals }, target: isFast(goals) },
    { name: 'keys of entries: what the bank embeds', values: { ...keys }, target: isFast(keys) },
    { name: 'whole entries', values: { ...whole } },
  ];
  yield {
    title: 'Built-in embedder, processor time',
    columns,
    rows,
  };
};

interface Speed {
  readonly speed: number;
  readonly words: number;
}

async function textsPerSecond(texts: readonly string[]): Promise<Speed> {
  const one = compact();
  await one.embed(texts.slice(0, 500));
  let best = Infinity;
  for (let pass = 0; pass < 3; pass += 1) best = Math.min(best, await processorMs(() => one.embed(texts)));
  const words = texts.reduce((sum, text) => sum + text.split(/\s+/).length, 0) / texts.length;
  return { speed: texts.length / (best / 1000), words };
}
