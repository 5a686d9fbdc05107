import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

import { atBoundary, FileError, parse } from '@skillrl/core';
import {
  type IterationJournal,
  type IterationManifest,
  type IterationState,
  parseIterationState,
  parsePhaseRecord,
} from '@skillrl/training';
import { z } from 'zod';

import { appendToFile, replaceFile } from './durable-file.ts';

/**
 * The journal of a run in files of its folder: `state.json`, `phases-N.jsonl` of the iteration under way, and `iterations/N.json`.
 *
 * What makes an iteration finished is the new `state.json` alone: its manifest is there before, under a name that is read only when the state
 * has come that far, and the phases are those of the state's next iteration. So a process may die between any two writes.
 */
export function fileJournal(folder: string): IterationJournal {
  const iterations = join(folder, 'iterations');
  const statePath = join(folder, 'state.json');
  const manifestPath = (iteration: number): string => join(iterations, `${String(iteration).padStart(5, '0')}.json`);
  const phasesPath = (): string => join(folder, `phases-${(readState(statePath)?.iteration ?? -1) + 1}.jsonl`);
  mkdirSync(iterations, { recursive: true });

  return {
    state: async () => readState(statePath),
    phases: () =>
      atBoundary('file', `read ${phasesPath()}`, () =>
        wholeLines(phasesPath()).map((line) => parsePhaseRecord(JSON.parse(line))),
      ),
    append: async (record) => {
      const path = phasesPath();
      // A line that a dying process left half would swallow this one.
      dropHalfLine(path);
      appendToFile(path, `${JSON.stringify(record)}\n`);
    },
    finish: async (state: IterationState, manifest?: IterationManifest) => {
      if (manifest !== undefined) replaceFile(manifestPath(manifest.iteration), `${JSON.stringify(manifest)}\n`);
      replaceFile(statePath, `${JSON.stringify(state)}\n`);
      forgetOtherPhases(folder, state.iteration + 1);
    },
    manifests: async () => {
      const last = readState(statePath)?.iteration ?? 0;
      return Array.from({ length: last }, (_, index) =>
        readWritten(manifestPath(index + 1), 'what an iteration did', parseManifest),
      );
    },
  };
}

function readState(path: string): IterationState | undefined {
  return existsSync(path) ? readWritten(path, 'the state of a training run', parseIterationState) : undefined;
}

/** Only what tells a manifest from something else: it was written by this program. */
function parseManifest(value: unknown): IterationManifest {
  parse(z.object({ run: z.string(), iteration: z.number(), groups: z.array(z.unknown()) }), value, 'iteration');
  return value as IterationManifest;
}

/**
 * The JSON of a file that this program wrote.
 *
 * @param what - that it holds, for the error.
 * @throws {FileError} `STATE_DAMAGED` when it is not there or holds something else.
 */
export function readWritten<Value>(path: string, what: string, parseValue: (value: unknown) => Value): Value {
  try {
    return parseValue(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new FileError({
      code: 'STATE_DAMAGED',
      message: `${path} does not hold ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'It is only ever replaced whole, so something else changed it. Bring it back from a backup, or start another run.',
      cause,
    });
  }
}

function wholeLines(path: string): string[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean);
}

function dropHalfLine(path: string): void {
  if (!existsSync(path)) return;
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(10) + 1;
  if (whole < bytes.length) truncateSync(path, whole);
}

function forgetOtherPhases(folder: string, iteration: number): void {
  for (const name of readdirSync(folder))
    if (/^phases-\d+\.jsonl$/.test(name) && name !== `phases-${iteration}.jsonl`) rmSync(join(folder, name));
}
