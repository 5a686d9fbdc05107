import { parse, type SavedWeights, type ServedVersion } from '@skillrl/core';
import { z } from 'zod';

import type { BankEvolution, IterationManifest, TrainingReport } from './iteration-manifest.ts';
import { type IterationState, parseIterationState, servedVersion } from './iteration-state.ts';
import type { PublicationDecision } from './promote.ts';

/**
 * What an iteration has done so far. A record is appended when its work is done, so that a process that dies in between does that work again:
 * all of it gives the same result when it is repeated.
 */
export type PhaseRecord = { readonly iteration: number } & (
  | { readonly phase: 'planned'; readonly plan: string }
  | { readonly phase: 'collected' }
  /** One optimizer step. Says how far it came; nothing is resumed from here, but from the last save. */
  | { readonly phase: 'trained'; readonly step: number }
  /** What is about to stand under this path at the trainer: a process that dies leaves it there, and no other record tells. */
  | { readonly phase: 'writing'; readonly path: string }
  | {
      readonly phase: 'saved';
      /** The new weights; those of before unless the outcome is `trained`. */
      readonly weights: SavedWeights;
      readonly outcome: 'trained' | 'refused' | 'idle';
      readonly report?: TrainingReport;
      readonly note?: string;
    }
  | {
      readonly phase: 'exported';
      readonly folder: string;
      readonly sha256: string;
      /** Where the trainer keeps it, for a server that answers from there: taken away with the version. */
      readonly sampler?: string;
      readonly createdAt: number;
    }
  /** It answers under its own name; what is live is as before. */
  | { readonly phase: 'served'; readonly served: ServedVersion }
  /** What is live before the decision: somebody may have published or rolled back since the last one. */
  | { readonly phase: 'compared'; readonly live: ServedVersion }
  | { readonly phase: 'published'; readonly decision: PublicationDecision }
  | { readonly phase: 'evolved'; readonly evolution: BankEvolution }
);

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

const iteration = z.number().int().nonnegative();

/** What is acted on is checked; reports are carried along as they were written. */
export const phaseRecordSchema = z.discriminatedUnion('phase', [
  z.object({ iteration, phase: z.literal('planned'), plan: z.string() }),
  z.object({ iteration, phase: z.literal('collected') }),
  z.object({ iteration, phase: z.literal('trained'), step: z.number().int() }),
  z.object({ iteration, phase: z.literal('writing'), path: z.string() }),
  z.object({
    iteration,
    phase: z.literal('saved'),
    weights: z.object({ path: z.string(), sha256: z.string().optional() }),
    outcome: z.enum(['trained', 'refused', 'idle']),
    report: z.looseObject({ step: z.number().int() }).optional(),
    note: z.string().optional(),
  }),
  z.object({
    iteration,
    phase: z.literal('exported'),
    folder: z.string(),
    sha256: z.string(),
    sampler: z.string().optional(),
    createdAt: z.number(),
  }),
  z.object({ iteration, phase: z.literal('served'), served: servedVersion }),
  z.object({ iteration, phase: z.literal('compared'), live: servedVersion }),
  z.object({ iteration, phase: z.literal('published'), decision: z.looseObject({ publish: z.boolean() }) }),
  z.object({ iteration, phase: z.literal('evolved'), evolution: z.looseObject({ to: z.number().int() }) }),
]);

/** @throws {InputError} `SCHEMA_MISMATCH` */
export function parsePhaseRecord(value: unknown): PhaseRecord {
  return parse(phaseRecordSchema as unknown as z.ZodType<PhaseRecord>, value, 'record of a training run');
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
