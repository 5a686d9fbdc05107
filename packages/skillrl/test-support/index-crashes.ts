import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { openEntryIndex, type EntryIndex } from '@skillrl/memory';
import { seededRandom, temporaryFolder } from '@skillrl/testing';
import { expect } from 'vitest';

import { crashBank, wordOf } from './crash-bank.ts';

export interface CrashReport {
  /** Writes that were acknowledged before a kill. */
  readonly acknowledged: number;
  readonly saves: number;
  /** How often the index was opened from what was saved, not built anew. */
  readonly restored: number;
}

/** What writers said of an entry: what was acknowledged last, and what was under way when they were killed. */
interface Said {
  acknowledged?: string;
  underWay?: string;
}

const program = fileURLToPath(new URL('./index-until-killed.ts', import.meta.url));

/**
 * Kills writers of a bank again and again at random moments, every fourth time two at once, and expects after each kill: every acknowledged
 * write in the store and in the index, no damaged save, and an index that answers like one built anew.
 */
export async function crashIndexes(rounds: number, seed: number): Promise<CrashReport> {
  const folder = temporaryFolder();
  const random = seededRandom(seed);
  const said = new Map<string, Said>();
  const report = { acknowledged: 0, saves: 0, restored: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const moment = { lines: 1 + Math.floor(random() * 300), thenMs: random() * 8 };
    const names = round % 4 === 3 ? [`a${round}`, `b${round}`] : [`a${round}`];
    const texts = await Promise.all(names.map((name) => writeAndKill(folder, name, moment)));
    for (const line of texts.flat()) note(line, said, report);
    // Writes of this round, and some of those before.
    const looked = [...said.keys()].filter((id) => names.some((name) => id.startsWith(`${name}-`)) || random() < 0.02);
    await verify(folder, said, looked, report);
  }
  return report;
}

/** What a writer said until it was killed: some milliseconds after so many lines, so that a slow machine is killed as late as a fast one. */
async function writeAndKill(
  folder: string,
  name: string,
  { lines, thenMs }: { readonly lines: number; readonly thenMs: number },
): Promise<string[]> {
  const child = spawn(process.execPath, [program, folder, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  let timer: Promise<unknown> | undefined;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.split('\n').length > lines) timer ??= delay(thenMs).then(() => child.kill('SIGKILL'));
  });
  const signal = await new Promise((resolve) => child.on('close', (_code, killedBy) => resolve(killedBy)));
  expect(signal).toBe('SIGKILL');
  // The last line may have been cut off.
  return text.split('\n').slice(0, -1);
}

function note(line: string, said: Map<string, Said>, report: { acknowledged: number; saves: number }): void {
  const [sign, what = '', id = '', version] = line.split(' ');
  if (what === 'saved') report.saves += 1;
  if (what === 'failed') expect(id).toBe('LOCKED');
  if (what !== 'put' && what !== 'remove') return;
  const state = said.get(id) ?? {};
  const now = version ?? 'gone';
  if (sign === '?') said.set(id, { ...state, underWay: now });
  else {
    said.set(id, { acknowledged: now });
    report.acknowledged += 1;
  }
}

async function verify(
  folder: string,
  said: ReadonlyMap<string, Said>,
  looked: readonly string[],
  report: { restored: number },
): Promise<void> {
  const bank = crashBank(folder);
  const revision = await bank.entries.revision();
  const [saved] = (await bank.ports.savedIndexes?.list()) ?? [];
  const index = await bank.open();
  expect(bank.reasons).toEqual([]);
  if (saved !== undefined) report.restored += 1;
  const anew = await openEntryIndex({ ...bank.ports, savedIndexes: undefined }, { namespace: 'default', revision });
  expect(index.size).toBe(anew.size);
  const view = await bank.entries.view('default');
  const stored = await view.getMany([...said.keys()]);
  for (const [id, { acknowledged, underWay }] of said) {
    expect([acknowledged ?? 'gone', underWay]).toContain(String(stored.get(id)?.version ?? 'gone'));
  }
  for (const id of looked) {
    const answer = await answerOf(index, bank.ports.embedder!, id);
    // Which of the nearest vectors a graph finds may differ a little from one graph to the next; what is known of the entry may not.
    const [expected] = await answerOf(anew, bank.ports.embedder!, id);
    expect(answer[0] && { ...answer[0], denseRank: undefined }).toEqual(
      expected && { ...expected, denseRank: undefined },
    );
    const hit = answer.find((each) => each.id === id);
    expect(hit?.coverage === 1).toBe(stored.has(id));
  }
  await index.close();
  await anew.close();
  await bank.close();
}

async function answerOf(
  index: EntryIndex,
  embedder: NonNullable<Parameters<typeof openEntryIndex>[0]['embedder']>,
  id: string,
): Promise<Awaited<ReturnType<EntryIndex['find']>>['found'][number][]> {
  const [vector] = await embedder.embed([wordOf(id)]);
  const { found } = await index.find(wordOf(id), vector, { limit: 3 });
  return [...found];
}
