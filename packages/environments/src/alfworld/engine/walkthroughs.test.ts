import { describeWith, requirement } from '@skillrl/testing';
import { expect, it } from 'vitest';
import { openGames, splits } from '../load/index.ts';
import { compileGame, playGame } from './index.ts';

const count = { train: 3553, valid_train: 200, valid_seen: 140, valid_unseen: 134 };

describeWith(requirement('data', { part: 'alfworld' }), 'official walkthroughs', (folder) => {
  it.each(splits)('win every game of %s', { timeout: 600_000 }, async (split) => {
    const games = await openGames({ folder });
    const lost: string[] = [];
    let played = 0;
    for await (const { id, file } of games.records(split)) {
      const play = playGame(compileGame(file));
      const turns = [play.reset(), ...(file.walkthrough ?? []).map((command) => play.step(command))];
      // Won by the last command, and by none before it.
      if (turns.findIndex(({ done }) => done) !== turns.length - 1) lost.push(id);
      played += 1;
    }
    expect(lost).toEqual([]);
    expect(played).toBe(count[split]);
  });
});
