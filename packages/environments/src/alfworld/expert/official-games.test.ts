import { describeWith, requirement } from '@skillrl/testing';
import { expect, it } from 'vitest';
import { playableOfficialGame } from '../compact/official-game.ts';
import { readOfficialFiles } from '../compact/official-files.ts';
import { withCommandStyle, type CommandStyle, type Split } from '../load/index.ts';
import { createExpert } from './expert.ts';
import type { ExpertOptions } from './expert-options.ts';
import { clumsy } from './noise.ts';
import { createNoisyExpert } from './noisy-expert.ts';

interface Tally {
  readonly games: number;
  readonly won: number;
}

function playAll(
  folder: string,
  split: Split,
  every: number,
  make: (first: string, seed: number) => ReturnType<typeof createExpert>,
  commandStyle: CommandStyle = 'move',
): Tally {
  const files = readOfficialFiles(folder, split).filter((_, index) => index % every === 0);
  let won = 0;
  for (const [seed, { id, file }] of files.entries()) {
    const game = playableOfficialGame(id, withCommandStyle(file, commandStyle));
    const expert = make(game.firstObservation, seed);
    const session = game.start();
    for (let step = 0; step < 50; step += 1) {
      const command = expert.next();
      const answer = session.step(command);
      expert.observe(command, answer.observation);
      if (answer.won) {
        won += 1;
        break;
      }
    }
  }
  return { games: files.length, won };
}

const expertWith =
  (options: Partial<ExpertOptions>) =>
  (first: string, seed: number): ReturnType<typeof createExpert> =>
    createExpert(first, { seed, ...options });

describeWith(requirement('data', { part: 'alfworld' }), 'the expert on official games', (folder) => {
  it.each([
    { split: 'valid_seen', count: 140, commandStyle: 'move' },
    { split: 'valid_unseen', count: 134, commandStyle: 'move' },
    { split: 'valid_unseen', count: 134, commandStyle: 'put' },
  ] as const)(
    'wins 99 of 100 games of $split within 50 steps, saying $commandStyle',
    ({ split, count, commandStyle }) => {
      const { games, won } = playAll(folder, split, 1, expertWith({ search: 'informed', commandStyle }), commandStyle);
      expect(games).toBe(count);
      expect(won / games).toBeGreaterThanOrEqual(0.99);
    },
  );

  it('wins most games even when it knows nothing of where things usually are', () => {
    const { games, won } = playAll(folder, 'valid_unseen', 3, expertWith({ search: 'uninformed' }));
    expect(won / games).toBeGreaterThan(0.85);
  });

  it('fails a realistic share of games with noise', () => {
    const { games, won } = playAll(folder, 'valid_seen', 3, (first, seed) =>
      createNoisyExpert(first, clumsy, { search: 'uninformed', seed, noiseSeed: seed }),
    );
    expect(won / games).toBeGreaterThan(0.2);
    expect(won / games).toBeLessThan(0.9);
  });
});
