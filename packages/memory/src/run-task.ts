import {
  InputError,
  newId,
  SkillError,
  type Clock,
  type EntryStore,
  type Logger,
  type Outcome,
  type Purpose,
  type Task,
} from '@skillrl/core';

import type { Recorder } from './recording/recorder.ts';
import type { Recaller } from './retrieval/recaller.ts';
import { runningEpisode, type RecordedEpisode, type RunningEpisode } from './running-episode.ts';

/** How well something went: a claim of success, a score in [0, 1] where 1 is success, or a whole outcome. */
export type Grade = boolean | number | Outcome;

export interface RunOptions<Result> {
  /** Judges what the work returned. */
  readonly grade?: (answer: Result) => Grade | Promise<Grade>;
  /** Default `train`. */
  readonly purpose?: Purpose;
  readonly tags?: Readonly<Record<string, string>>;
  /** Who acts, where several policies share a memory. Default `program`. */
  readonly policy?: { readonly name: string; readonly version: string };
}

export interface RunResult<Result> {
  readonly episodeId: string;
  readonly answer: Result;
  /** Absent for an ungraded run: unknown. */
  readonly outcome?: Outcome;
}

export interface RunPorts {
  readonly recorder: Recorder;
  readonly recaller: Recaller;
  readonly entries: EntryStore;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Runs work as one episode: `Memory.run` says what it promises. */
export async function runTask<Result>(
  ports: RunPorts,
  task: Task,
  work: (episode: RunningEpisode) => Promise<Result> | Result,
  { grade, purpose = 'train', tags, policy = { name: 'program', version: '1' } }: RunOptions<Result>,
): Promise<RunResult<Result>> {
  const { recorder, logger, clock } = ports;
  const id = newId('episode', clock.now());
  const quietly = (what: () => Promise<unknown>): Promise<void> => withoutFailing(what, id, logger);
  const episode = runningEpisode({ ...ports, id, task, recorder: quietRecorder(recorder, quietly) });
  await quietly(async () => {
    const bankRevision = await ports.entries.revision().catch(() => undefined);
    await recorder.start({ episodeId: id, task, purpose, policy, tags, bankRevision });
  });
  try {
    const answer = await work(episode);
    await quietly(() => recordAnswer(answer, episode, recorder));
    const outcome = grade === undefined ? undefined : gradedOutcome(await grade(answer));
    await quietly(() => recorder.end(id, 'terminated'));
    if (outcome !== undefined) await quietly(() => recorder.outcome(id, outcome));
    return { episodeId: id, answer, ...(outcome !== undefined && { outcome }) };
  } catch (error) {
    await quietly(() => recorder.end(id, 'errored'));
    await quietly(() => recorder.outcome(id, { status: 'errored', error: described(error) }));
    throw error;
  }
}

/** The outcome that a grade stands for. A grade is a person's or a program's explicit word, and so verified. */
export function gradedOutcome(grade: Grade): Outcome {
  if (typeof grade === 'object') return grade;
  const score = typeof grade === 'boolean' ? Number(grade) : grade;
  if (!Number.isFinite(score) || score < 0 || score > 1) {
    throw new InputError({
      code: 'GRADE_INVALID',
      message: `A grade must be true, false, or a score from 0 to 1, not ${String(grade)}.`,
    });
  }
  return { status: score === 1 ? 'success' : 'failure', score, source: 'user', verified: true };
}

/** What the work returned is its last action, so that a success without steps can be shown to others. */
async function recordAnswer(answer: unknown, episode: RecordedEpisode, recorder: Recorder): Promise<void> {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  if (text === undefined || text === '') return;
  await recorder.act(episode.id, { action: text, actionId: `${episode.id} answer`, callIds: episode.takeCalls() });
}

/** A recorder whose writing never throws at the one who runs. */
function quietRecorder(recorder: Recorder, quietly: (what: () => Promise<unknown>) => Promise<void>): Recorder {
  return {
    ...recorder,
    modelCall: (...call) => quietly(() => recorder.modelCall(...call)),
    answer: (...answer) => quietly(() => recorder.answer(...answer)),
    act: async (id, action) => {
      const actionId = action.actionId ?? newId('action');
      await quietly(() => recorder.act(id, { ...action, actionId }));
      return actionId;
    },
  };
}

async function withoutFailing(what: () => Promise<unknown>, episodeId: string, logger: Logger): Promise<void> {
  try {
    await what();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.error('A part of an episode was not recorded.', { episodeId, reason });
  }
}

function described(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof SkillError) return { code: error.code, message: error.message };
  return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
}
