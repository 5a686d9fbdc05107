import { describeWith, requirement } from '@skillrl/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { GameFile } from '../src/alfworld/engine/index.ts';
import { taskTypes } from '../src/alfworld/houses/index.ts';
import { oracleEnvironment } from './oracle-environment.ts';
import { startRealEngine, type RealEngine } from './real-engine.ts';
import { releases } from './releases.ts';
import { largeGames, officialGames, smallGames } from './sample-games.ts';
import { expertCommands, playOut, withRefusals, type Transcript } from './transcript.ts';

// Games differ in how they are begun: by the walkthrough, by the expert, or at random from the first step.
const scripted = 14;
const minutes = 60_000;

describeWith(await oracleEnvironment(), 'the real engine', (python) => {
  let engine: RealEngine;
  let steps = 0;
  beforeAll(() => {
    engine = startRealEngine(python);
  });
  afterAll(() => engine.close());

  /** Plays the transcript's commands in the real engine and expects the same of every turn. */
  async function expectSame(game: GameFile, transcript: Transcript, plan = false): Promise<readonly string[]> {
    const real = await engine.play(game, transcript.commands, { plan });
    transcript.turns.forEach((turn, index) => {
      expect({ command: transcript.commands[index - 1], ...turn }).toEqual({
        command: transcript.commands[index - 1],
        ...real.turns[index],
      });
    });
    expect(real.turns).toHaveLength(transcript.turns.length);
    steps += transcript.commands.length;
    return real.plan ?? [];
  }

  const small = smallGames();
  it('is compared on at least 40 generated games of all kinds', () => {
    expect(small.length).toBeGreaterThanOrEqual(40);
    expect(new Set(small.map(({ taskType }) => taskType))).toEqual(new Set(taskTypes));
    const refusing = small.filter((game) => withRefusals(game.walkthrough, game.rules.refusal) !== game.walkthrough);
    expect(refusing.length).toBeGreaterThanOrEqual(8);
    expect(small.filter(({ verb }) => verb).length).toBeGreaterThanOrEqual(8);
    expect(new Set(small.map(({ hash }) => hash)).size).toBe(small.length);
  });

  small.forEach((game, index) => {
    it(
      `plays generated ${game.id} as we do, and its planner proves it solvable`,
      { timeout: 5 * minutes },
      async () => {
        const walkthrough = withRefusals(game.walkthrough, game.rules.refusal);
        const script = [walkthrough, expertCommands(game, scripted), []][index % 3] ?? [];
        const transcript = playOut(game, script, Math.max(10, 30 - script.length), game.id);
        const plan = await expectSame(game, transcript, true);
        expect(playOut(game, plan, 0, game.id).turns.at(-1)).toMatchObject({ done: true, score: 1 });
        // The planner's plans are shortest; so is the walkthrough.
        expect(game.walkthrough).toHaveLength(plan.length);
      },
    );
  });

  for (const game of largeGames(2)) {
    it(`wins the large ${game.id} by our walkthrough`, { timeout: 5 * minutes }, async () => {
      const transcript = playOut(game, game.walkthrough, 6, game.id);
      expect(transcript.turns[game.walkthrough.length]).toMatchObject({ done: true, score: 1 });
      await expectSame(game, transcript);
    });
  }

  describeWith(requirement('data', { part: 'alfworld' }), 'official games', (folder) => {
    it.each(releases)(
      'plays 20 of them as we do, told as in release $name',
      { timeout: 20 * minutes },
      async (release) => {
        const records = await officialGames(folder, 20);
        expect(records).toHaveLength(20);
        for (const [index, { id, file }] of records.entries()) {
          const game = release.of(file);
          const script = [game.walkthrough ?? [], expertCommands(game, scripted), []][index % 3] ?? [];
          await expectSame(game, playOut(game, script, 40 - script.length, `${release.name} ${id}`));
        }
      },
    );

    it('was compared over at least 3,000 steps', () => expect(steps).toBeGreaterThanOrEqual(3_000));
  });
});
