import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { GameFile } from '../engine/index.ts';

/** Parts of the official release. */
export type OfficialSplit = 'train' | 'valid_train' | 'valid_seen' | 'valid_unseen';

export interface OfficialFile {
  readonly id: string;
  /** The goal sentence. */
  readonly task: string;
  /** Task type and object: `pick_heat_then_place_in_recep-Mug`. */
  readonly goalKey: string;
  readonly file: GameFile;
}

/**
 * The official games of a split, from the packed lines `{id, task, walkthrough, pddl}` with domain and grammar beside them.
 *
 * @param folder - the folder that holds `train.jsonl.br`, `domain_2.1.2.pddl` and `grammar_2.1.2_example.twl2`.
 */
export function readOfficialFiles(folder: string, split: OfficialSplit): OfficialFile[] {
  const domain = readFileSync(join(folder, 'domain_2.1.2.pddl'), 'utf8');
  const grammar = readFileSync(join(folder, 'grammar_2.1.2_example.twl2'), 'utf8');
  const lines = brotliDecompressSync(readFileSync(join(folder, `${split}.jsonl.br`)))
    .toString()
    .trim()
    .split('\n');
  return lines.map((line) => {
    const { id, task, walkthrough, pddl } = JSON.parse(line) as PackedGame;
    const ownGrammar = grammar.replace(/Your task is to: [^"]*"/, () => `Your task is to: ${task}"`);
    return {
      id,
      task,
      goalKey: goalKeyOf(id),
      file: { pddl_domain: domain, grammar: ownGrammar, pddl_problem: pddl, solvable: true, walkthrough },
    };
  });
}

/** `train/pick_heat_then_place_in_recep-Mug-None-Cabinet-10/trial_…` → `pick_heat_then_place_in_recep-Mug`. */
function goalKeyOf(id: string): string {
  return id.split('/')[1]!.split('-').slice(0, 2).join('-');
}

interface PackedGame {
  readonly id: string;
  readonly task: string;
  readonly walkthrough: readonly string[];
  readonly pddl: string;
}
