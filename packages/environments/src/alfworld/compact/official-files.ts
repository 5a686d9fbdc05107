import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { GameRecord, Split } from '../load/index.ts';
import { domainFile, grammarFile, readPackedGame } from '../load/packed-game.ts';
import type { EarlierGame } from './make-guidance.ts';

export interface OfficialFile extends GameRecord {
  /** Task type and object: `pick_heat_then_place_in_recep-Mug`. */
  readonly goalKey: string;
}

/**
 * The official games of a packed split, all at once: what trains and measures the policy draws from them at random, without waiting.
 *
 * @param folder - the folder that holds `train.jsonl.br`, and domain and grammar beside it.
 */
export function readOfficialFiles(folder: string, split: Split): OfficialFile[] {
  const texts = {
    domain: readFileSync(join(folder, domainFile), 'utf8'),
    grammar: readFileSync(join(folder, grammarFile), 'utf8'),
  };
  const path = join(folder, `${split}.jsonl.br`);
  const lines = brotliDecompressSync(readFileSync(path)).toString().trim().split('\n');
  return lines.map((line) => {
    const record = readPackedGame(line, texts, path);
    return { ...record, goalKey: goalKeyOf(record.id) };
  });
}

/** An official game as an earlier success to learn from. */
export function earlierGame({ goal, file }: OfficialFile): EarlierGame {
  return { instruction: goal, walkthrough: file.walkthrough ?? [] };
}

/** `train/pick_heat_then_place_in_recep-Mug-None-Cabinet-10/trial_…` → `pick_heat_then_place_in_recep-Mug`. */
function goalKeyOf(id: string): string {
  return id.split('/')[1]!.split('-').slice(0, 2).join('-');
}
