import type { Episode, EpisodeEvent, EpisodeStore } from '@skillrl/core';
import { memoryEpisodeStore } from '@skillrl/testing';
import { baselines, type IterationManifest } from '@skillrl/training';
import { beforeAll, describe, expect, it } from 'vitest';

import { aTrainingManifest } from '../../test-support/training-manifests.ts';
import { calibrationOf, evaluationSuite } from './train-evaluation.ts';
import type { TrainManifest } from './train-plan.ts';
import { trainReportHtml } from './train-report-html.ts';
import { trainReportTable } from './train-report-table.ts';
import { buildTrainReport, type TrainReport } from './train-report.ts';

const games = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** A play of so many steps: won, or lost at the limit; with a stated chance. */
function play(
  suite: string,
  game: string,
  won: boolean,
  steps: number,
  stated?: number,
  purpose: Episode['purpose'] = 'test',
): EpisodeEvent[] {
  const episodeId = `${suite}/${game}`;
  const base = (index: number) => ({ id: `${episodeId}.${index}`, episodeId, at: index });
  const task = {
    id: game,
    environment: 'e',
    instruction: 'i',
    family: `house ${game}`,
    domainKind: 'convergent' as const,
    maxSteps: 50,
  };
  const call = {
    id: 'c',
    model: 'm',
    newMessages: [],
    completion: '',
    promptTokens: 1,
    completionTokens: 1,
    confidence: stated,
  };
  return [
    {
      ...base(0),
      type: 'episode-start',
      task,
      purpose,
      policy: { name: 'p', version: '1' },
      tags: { suite, arm: 'none', sample: '0' },
    },
    { ...base(1), type: 'model-call', index: 0, call },
    ...Array.from({ length: steps }, (_, index): EpisodeEvent => ({
      ...base(2 + index),
      type: 'action',
      actionId: `a${index}`,
      index,
      action: `go ${index}`,
    })),
    { ...base(90), type: 'episode-end', end: 'terminated' },
    {
      ...base(91),
      type: 'outcome',
      outcome: { status: won ? 'success' : 'failure', score: Number(won), source: 'environment', verified: true },
    },
  ];
}

const manifest: TrainManifest = {
  id: 'run',
  kind: 'training',
  question: 'Does <it> learn?',
  recipe: baselines.grpo,
  base: 'warm',
  sets: {
    kind: 'training',
    train: { kind: 'official', split: 'train' },
    evaluation: { kind: 'official', split: 'valid_unseen' },
    gate: { kind: 'official', split: 'valid_train' },
    canary: 2,
  },
  iterations: 2,
  evaluateEvery: 2,
  evaluationPlays: 1,
  publishes: true,
  games: { train: [], evaluation: games.map((id) => ({ id, hash: id })), canary: [], gate: [] },
  endpoint: 'success',
  stoppingRule: '2 iterations',
  versions: {},
  createdAt: '2026-11-26T00:00:00Z',
};

async function reportOf(iterations: readonly IterationManifest[]): Promise<TrainReport> {
  const episodes: EpisodeStore = memoryEpisodeStore();
  for (const [index, game] of games.entries()) {
    // Before: two of eight won, in 15 steps. After: six, in 8. All sure at first; in the end right about each.
    await episodes.append(play(evaluationSuite('run', 0), game, index < 2, index < 2 ? 15 : 50, 1));
    await episodes.append(play(evaluationSuite('run', 2), game, index < 6, index < 6 ? 8 : 50, index < 6 ? 1 : 0));
    await episodes.append(play('run/iteration-1', game, index % 2 === 0, 20, 0.5, 'train'));
    await episodes.append(play('other/held-out/0', `${game} of another run`, true, 3));
  }
  return buildTrainReport(manifest, iterations, undefined, episodes);
}

describe('the report of a training run', () => {
  let report: TrainReport;
  beforeAll(async () => {
    report = await reportOf([aTrainingManifest(1), aTrainingManifest(2)]);
  });

  it('has a curve of the held-out games of this run alone, and the gain paired by game', () => {
    expect(
      report.curve.map(({ iteration, plays, success, steps, within }) => [
        iteration,
        plays,
        success,
        steps,
        within['10'],
      ]),
    ).toEqual([
      [0, 8, 0.25, 41.25, 0],
      [2, 8, 0.75, 18.5, 0.75],
    ]);
    const [gain] = report.gains;
    expect(gain).toMatchObject({ from: 0, to: 2, within: 50, pairs: 8, difference: 0.5 });
    expect(report.gains[1]).toMatchObject({ within: 20, difference: 0.5 });
    // Four of eight games were gained, each in a house of its own.
    expect(gain!.interval95.low).toBeGreaterThan(0.1);
    expect(gain!.interval95.high).toBeLessThan(0.9);
  });

  it('says how true the stated chances were', () => {
    const [before, after] = report.curve.map(({ confidence }) => confidence);
    expect(before).toMatchObject({ stated: 8, mean: 1, success: 0.25, brier: 0.75, ece: 0.75, auroc: 0.5 });
    expect(after).toMatchObject({ brier: 0, ece: 0, auroc: 1 });
    expect(calibrationOf([])).toBeUndefined();
    expect(report.rows[0]!.calibration).toMatchObject({ stated: 8, brier: 0.25 });
    expect(report.rows[1]!.calibration).toBeUndefined();
  });

  it('counts what the gate said, the time by part, and the episodes', () => {
    expect(report.gates).toEqual([{ code: 'no-signal', groups: 2, dropped: 2, example: 'All earned the same.' }]);
    expect(report.durationsMs).toEqual([
      { part: 'rollouts', ms: 18_000 },
      { part: 'saved', ms: 12_000 },
    ]);
    expect([report.iterations, report.episodes]).toEqual([2, 32]);
  });

  it('tells of each of the six signals what it did', () => {
    expect(report.signals).toHaveLength(6);
    const did = (name: string): string => report.signals.find(({ signal }) => signal.startsWith(name))!.did;
    expect(did('Learn symmetric')).toMatch(
      /^600 sampled tokens were made likelier and 680 less likely, these at × 0.5\. /,
    );
    expect(did('Stated confidence')).toMatch(
      /^30 plays stated a chance, 2 none; .*: 0\.60 → 0\.50, which earned -0\.30 → -0\.30\. .*Brier 0\.750 → 0\.000/,
    );
    expect(did('Difficulty')).toMatch(/^2 games passed over .* 4 successes were suspect, 2 held down to 1\.$/);
    expect(did('Dispersion')).toBe('2 of 4 groups were left out.');
    expect(did('Asymmetric memory')).toBe('Nothing.');
  });

  it('says when fewer or more iterations were made than were planned', async () => {
    expect(report.notes).toEqual(['Novelty is not paid for.']);
    expect((await reportOf([aTrainingManifest(1)])).notes[0]).toBe('Not finished: 1 of 2 iterations.');
    const [note] = (await reportOf([1, 2, 3].map((iteration) => aTrainingManifest(iteration)))).notes;
    expect(note).toMatch(/^Gone on with after the 2 iterations/);
  });

  it('is one page without scripts, in which nothing of the run becomes markup, and a table of text', () => {
    const page = trainReportHtml(report);
    expect(page).toContain('Does &lt;it&gt; learn?');
    expect(page).not.toMatch(/<script|<it>|undefined|NaN/);
    expect(page.match(/<svg /g)).toHaveLength(8);
    const lines = trainReportTable(report);
    expect(lines.find((line) => line.startsWith('gain'))).toMatch(
      /iteration 0 → 2: \+50\.0 points \[\+\d+\.\d, \+\d+\.\d], 8 pairs$/,
    );
  });

  it('of a run that has not begun says so', async () => {
    const empty = await buildTrainReport(manifest, [], undefined, memoryEpisodeStore());
    expect(empty.signals.map(({ did }) => did).join()).toContain('Nothing was played to train on.');
    expect(empty).toMatchObject({ iterations: 0, curve: [], gains: [], rows: [] });
    expect(trainReportHtml(empty)).toContain('Nothing was measured.');
    expect(trainReportTable(empty).at(-1)).toBe('note: Not finished: 0 of 2 iterations.');
  });
});
