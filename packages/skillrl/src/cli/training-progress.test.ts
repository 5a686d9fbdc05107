import { Writable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import type { TrainNews } from '../jobs/train-news.ts';
import { aTrainingManifest } from '../../test-support/training-manifests.ts';
import type { Output } from './output.ts';
import { trainingProgress } from './training-progress.ts';

const point = {
  iteration: 0,
  side: 'none',
  plays: 134,
  errored: 0,
  success: 0.5,
  interval95: { low: 0.4, high: 0.6 },
  within: { '20': 0.25 },
  steps: 35,
};

const news: readonly TrainNews[] = [
  { type: 'point', point },
  { type: 'stage-start', stage: 'rollouts', total: 128 },
  { type: 'stage-end', stage: 'rollouts', done: 128, durationMs: 9_000 },
  { type: 'iteration', manifest: aTrainingManifest(1) },
  { type: 'point', point: { ...point, iteration: 1, success: 0.6 } },
  { type: 'iteration', manifest: aTrainingManifest(2) },
];

function told(json: boolean, isTTY: boolean) {
  const [lines, data, drawn]: [string[], unknown[], string[]] = [[], [], []];
  const output: Output = {
    json,
    line: (text = '') => void (json || lines.push(text)),
    data: (value) => void (json && data.push(value)),
    note: () => {},
  };
  const stream = new Writable({ write: (chunk, _, done) => (drawn.push(String(chunk)), done()) });
  const progress = trainingProgress(output, Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream);
  for (const one of news) progress(one);
  return { lines, data, drawn: drawn.join('') };
}

describe('trainingProgress', () => {
  it('tells of each iteration on one line under one header, and of each point how far it is from the first', () => {
    const { lines, drawn } = told(false, false);
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe('held out, after 0: 50.0 % [40.0, 60.0] won, within 20 25.0 %, 35.0 steps');
    expect(lines[1]).toMatch(/^iteration +reward +success .* verdict$/);
    expect(lines[2]).toMatch(
      /^ +1 +0\.30 +50\.0 % +– +20\.0 +40\.0 % +0\.300 +0\.0100 +1\.0e-4 +0 +1\/2 +trained, canary well$/,
    );
    expect(lines[3]).toContain('+10.0 points since the start');
    expect(drawn).toBe('');
  });

  it('draws the curves on a terminal', () => {
    const { drawn } = told(false, true);
    expect(drawn).toMatch(/reward ▁▁ {3}entropy ▁▁ {3}held out ▁█/);
  });

  it('gives programs an iteration and a point a line, and nothing for people', () => {
    const { lines, data, drawn } = told(true, false);
    expect([lines, drawn]).toEqual([[], '']);
    expect(data.map((one) => (one as { type: string }).type)).toEqual(['point', 'iteration', 'point', 'iteration']);
    expect(data[1]).toMatchObject({ iteration: 1, reward: 0.3, entropy: 0.3, kl: 0.01, groupsUsed: 1, groups: 2 });
  });
});
