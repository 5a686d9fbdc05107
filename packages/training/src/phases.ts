import { contentHash, InputError, systemClock } from '@skillrl/core';

import type { PhaseRecord } from './iteration-journal.ts';
import type { IterationPlan } from './iteration-plan.ts';
import type { IterationPorts } from './iteration-ports.ts';

type Phase = PhaseRecord['phase'];
type RecordOf<Name extends Phase> = Extract<PhaseRecord, { phase: Name }>;
type ResultOf<Name extends Phase> = Omit<RecordOf<Name>, 'phase' | 'iteration'>;

/** How far one iteration came, in this process or one before it. */
export interface Phases {
  /** Content hash of the plan. */
  readonly plan: string;
  /** Milliseconds that this process spent, by part. */
  readonly durationsMs: Readonly<Record<string, number>>;
  isDone(phase: Phase): boolean;
  /** The result of a phase: as it was recorded, else of the work, which is recorded then. */
  once<Name extends Phase>(phase: Name, work: () => Promise<ResultOf<Name>>): Promise<ResultOf<Name>>;
  /** Records that a step was made. */
  stepped(step: number): Promise<void>;
  /** Records that the trainer is about to write something under a path. */
  writing(path: string): Promise<void>;
  /** What the trainer was to write so far, by its path; without what it keeps for a server, which has it taken away. */
  written(): readonly string[];
  /** Does work that needs no record, since doing it again costs nothing, and tells its own progress. */
  timed<Result>(part: string, work: () => Promise<Result>): Promise<Result>;
}

/** @throws {InputError} `PLAN_DIFFERS` when another plan of this iteration was begun. */
export async function openPhases(
  plan: Pick<IterationPlan, 'iteration'>,
  { journal, clock = systemClock, progress, signal }: IterationPorts,
): Promise<Phases> {
  const { iteration } = plan;
  const hash = contentHash(JSON.stringify(plan)).slice(0, 16);
  const records = (await journal.phases()).filter((record) => record.iteration === iteration);
  const written = new Set(records.flatMap((record) => (record.phase === 'writing' ? [record.path] : [])));
  const keep = (result: object): void => {
    if ('sampler' in result) written.delete(String(result.sampler));
  };
  records.forEach(keep);
  const durationsMs: Record<string, number> = {};

  const timed: Phases['timed'] = async (part, work) => {
    signal?.throwIfAborted();
    const startedAt = clock.now();
    const result = await work();
    durationsMs[part] = (durationsMs[part] ?? 0) + clock.now() - startedAt;
    return result;
  };
  const phases: Phases = {
    plan: hash,
    durationsMs,
    isDone: (phase) => records.some((record) => record.phase === phase),
    once: async <Name extends Phase>(phase: Name, work: () => Promise<ResultOf<Name>>) => {
      const known = records.find((record): record is RecordOf<Name> => record.phase === phase);
      if (known !== undefined) return known;
      const startedAt = clock.now();
      progress?.({ type: 'stage-start', stage: phase });
      const result = await timed(phase, work);
      progress?.({ type: 'stage-end', stage: phase, done: 1, durationMs: clock.now() - startedAt });
      await journal.append({ iteration, phase, ...result } as unknown as PhaseRecord);
      keep(result);
      return result;
    },
    writing: async (path) => {
      await journal.append({ iteration, phase: 'writing', path });
      written.add(path);
    },
    written: () => [...written],
    stepped: (step) => journal.append({ iteration, phase: 'trained', step }),
    timed,
  };
  const begun = await phases.once('planned', async () => ({ plan: hash }));
  if (begun.plan !== hash) {
    throw new InputError({
      code: 'PLAN_DIFFERS',
      message: `Iteration ${iteration} was begun with the plan ${begun.plan}, and is now given the plan ${hash}.`,
      hint: 'Give the recipe and the games that the run was begun with, or begin another run.',
    });
  }
  return phases;
}
