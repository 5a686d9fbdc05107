import { parse } from '@skillrl/core';
import { z } from 'zod';

import type { IterationManifest } from './iteration-manifest.ts';
import { type IterationState, parseIterationState } from './iteration-state.ts';

const savedWeights = z.object({ path: z.string(), sha256: z.string() });

/**
 * What an iteration has done so far. A record is appended when its work is done, so that a process that dies in between does that work again:
 * all of it gives the same result when it is repeated.
 */
export const phaseRecordSchema = z.discriminatedUnion('phase', [
  /** The iteration begins, once more at each resumption: names of what is written are new each time. */
  z.object({ phase: z.literal('begun'), iteration: z.number().int(), plan: z.string() }),
  z.object({ phase: z.literal('collected'), iteration: z.number().int() }),
  /** One optimizer step. Says how far it came; nothing is resumed from here, as the weights of the last save are. */
  z.object({ phase: z.literal('trained'), iteration: z.number().int(), step: z.number().int() }),
  /** `training` is what was measured on the way, for the manifest. */
  z.object({ phase: z.literal('saved'), iteration: z.number().int(), weights: savedWeights, training: z.unknown() }),
  z.object({
    phase: z.literal('exported'),
    iteration: z.number().int(),
    folder: z.string(),
    sha256: z.string(),
    createdAt: z.number(),
  }),
  /** It answers under its own name; what is live is as before. */
  z.object({
    phase: z.literal('served'),
    iteration: z.number().int(),
    served: z.object({ version: z.string(), model: z.string(), sha256: z.string() }),
  }),
  /** `decision` is that of `promote`. */
  z.object({ phase: z.literal('published'), iteration: z.number().int(), decision: z.unknown() }),
  z.object({ phase: z.literal('evolved'), iteration: z.number().int(), evolution: z.unknown() }),
]);

export type PhaseRecord = Readonly<z.output<typeof phaseRecordSchema>>;

/**
 * Where a run writes how far it came. `finish` is one step: afterwards there is the new state and no phase; before, the old state and all phases.
 */
export interface IterationJournal {
  /** The state of the last `finish`; `undefined` before the first. */
  state(): Promise<IterationState | undefined>;
  /** What was appended since, oldest first. */
  phases(): Promise<readonly PhaseRecord[]>;
  /** Durable when it returns. */
  append(record: PhaseRecord): Promise<void>;
  /** Keeps the manifest for good (none comes with the state a run starts from), replaces the state, and forgets the phases. */
  finish(state: IterationState, manifest?: IterationManifest): Promise<void>;
  /** What each finished iteration was and did, oldest first. */
  manifests(): Promise<readonly IterationManifest[]>;
}

/** @throws {InputError} `SCHEMA_MISMATCH` */
export function parsePhaseRecord(value: unknown): PhaseRecord {
  return parse(phaseRecordSchema as z.ZodType<PhaseRecord>, value, 'record of a training run');
}

/** A journal in this process: the reference of what a file must do. */
export function memoryJournal(): IterationJournal {
  let state: string | undefined;
  let phases: string[] = [];
  const manifests: string[] = [];
  return {
    state: async () => (state === undefined ? undefined : parseIterationState(JSON.parse(state))),
    phases: async () => phases.map((line) => parsePhaseRecord(JSON.parse(line))),
    append: async (record) => void phases.push(JSON.stringify(record)),
    finish: async (next, manifest) => {
      if (manifest !== undefined) manifests.push(JSON.stringify(manifest));
      state = JSON.stringify(next);
      phases = [];
    },
    manifests: async () => manifests.map((line) => JSON.parse(line) as IterationManifest),
  };
}
