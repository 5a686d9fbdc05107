import type { Episode } from '@skillrl/core';
import { auroc, brierScore, calibrate, expectedCalibrationError, fitCalibrator } from '@skillrl/signals';

/** Chances of success that a policy stated before its first action, and what came of them; element by element. */
export interface StatedChances {
  readonly stated: readonly number[];
  readonly won: readonly (0 | 1)[];
}

/** How true stated chances were. */
export interface TruthOfChances {
  readonly plays: number;
  readonly won: number;
  readonly stated: number;
  readonly brier: number;
  readonly ece: number;
  /** Absent when all were won or all lost. */
  readonly auroc?: number;
}

/** Of the plays that stated a chance and were won or lost. */
export function statedChances(episodes: readonly Pick<Episode, 'calls' | 'outcome'>[]): StatedChances {
  const pairs = episodes.flatMap(({ calls, outcome }) => {
    const stated = calls[0]?.confidence;
    if (stated === undefined || (outcome?.status !== 'success' && outcome?.status !== 'failure')) return [];
    return [{ stated, won: outcome.status === 'success' ? (1 as const) : (0 as const) }];
  });
  return { stated: pairs.map(({ stated }) => stated), won: pairs.map(({ won }) => won) };
}

/** @returns `undefined` when nothing was stated. */
export function truthOf({ stated, won }: StatedChances): TruthOfChances | undefined {
  const [brier, ece] = [brierScore(stated, won), expectedCalibrationError(stated, won)];
  if (brier === undefined || ece === undefined) return undefined;
  return { plays: won.length, won: mean(won), stated: mean(stated), brier, ece, auroc: auroc(stated, won) };
}

/** Chances as a calibrator says them that was fitted on other plays; as they are where those are too few (30). */
export function recalibrated(fittedOn: StatedChances, { stated, won }: StatedChances): StatedChances {
  const { calibrator } = fitCalibrator(fittedOn.stated, fittedOn.won, { policyVersion: 'last' });
  return { stated: stated.map((chance) => calibrate(calibrator, chance).probability), won };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
