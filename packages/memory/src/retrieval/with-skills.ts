import {
  isAbort,
  silentLogger,
  type Advice,
  type Logger,
  type ModelCall,
  type Policy,
  type PolicyTurn,
  type RecallNote,
} from '@skillrl/core';

import type { Recaller } from './recaller.ts';

export interface WithSkillsOptions {
  /** Key of the withholding draws: one for a run, so that a task's retry cannot draw again. Default 0. */
  readonly seed?: number;
  /** Default: the recaller's. */
  readonly budgetTokens?: number;
  readonly logger?: Logger;
}

/**
 * The policy with a memory: it recalls before the first act, and sees that advice in every turn of the episode. The first model call carries
 * the note of what was shown and withheld. A process that takes an episode over finds the advice again from that note.
 *
 * No failure of the memory fails the policy: it then acts without advice, and the note says why.
 */
export function withSkills(policy: Policy, recaller: Recaller, options: WithSkillsOptions = {}): Policy {
  const { logger = silentLogger } = options;
  const advices = new Map<string, Promise<Advice>>();

  function adviceFor(turn: PolicyTurn, signal: AbortSignal | undefined): Promise<Advice> {
    let advice = advices.get(turn.episodeId);
    if (advice === undefined) {
      advice = find(turn, recaller, options, logger, signal);
      advices.set(turn.episodeId, advice);
      // Given up is not found: the next act looks again.
      void advice.catch(() => advices.delete(turn.episodeId));
    }
    return advice;
  }

  return {
    name: policy.name,
    version: `${policy.version}+${recaller.name}`,
    act: async (turn, acting) => {
      const advice = await adviceFor(turn, acting.signal);
      const act = await policy.act({ ...turn, advice }, acting);
      const [first, ...rest] = act.calls;
      if (first === undefined || noteOf(turn) !== undefined) return act;
      return { ...act, calls: [{ ...first, recall: advice.recall }, ...rest] };
    },
    release: (episodeId) => {
      advices.delete(episodeId);
      policy.release?.(episodeId);
    },
  };
}

async function find(
  turn: PolicyTurn,
  recaller: Recaller,
  { seed, budgetTokens }: WithSkillsOptions,
  logger: Logger,
  signal: AbortSignal | undefined,
): Promise<Advice> {
  const note = noteOf(turn);
  try {
    const request = { task: turn.task, seed, budgetTokens, signal };
    return await (note === undefined ? recaller.recall(request) : recaller.restore(note, request));
  } catch (error) {
    if (isAbort(error) && signal?.aborted === true) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn('The memory could not be read; the policy acts without it.', { episodeId: turn.episodeId, reason });
    return { entries: [], text: '', recall: note ?? nothingRecalled(`recall failed: ${reason}`) };
  }
}

/** The note that an earlier act of the episode left. */
function noteOf({ steps }: PolicyTurn): RecallNote | undefined {
  return steps.flatMap(({ calls }) => calls).find(({ recall }: ModelCall) => recall !== undefined)?.recall;
}

export function nothingRecalled(degraded: string, bankRevision = 0): RecallNote {
  return { bankRevision, shown: [], withheld: [], tokens: 0, degraded };
}
