import { describe, expect, it } from 'vitest';

import { aRollout, type PlaySketch } from '../test-support/rollouts.ts';
import { trainingRecipe } from './recipe.ts';
import { scoreGroup } from './rewards.ts';
import { creditStatements } from './statement-advantages.ts';

const paid = trainingRecipe({ name: 'brier', reward: { brier: 1 } });
const plain = { ...paid, advantage: { ...paid.advantage, normalise: false, statements: 1 } };

const creditsOf = (plays: readonly PlaySketch[], recipe = plain) =>
  creditStatements(
    scoreGroup(
      plays.map((play, index) => aRollout({ ...play, id: `e${index}` })),
      recipe.reward,
    ),
    recipe,
  );

describe('creditStatements', () => {
  it('compares a statement with what the others would have earned by the same outcome', () => {
    // Won: −0.04 and −0.64, mean −0.34. Lost: −0.64 and −0.04.
    const credits = creditsOf([{ won: true, confidence: 0.8 }, { confidence: 0.2 }]);
    expect(credits).toEqual([expect.closeTo(0.3, 12), expect.closeTo(0.3, 12)]);
    expect(creditsOf([{ confidence: 0.8 }, { won: true, confidence: 0.2 }])[0]).toBeCloseTo(-0.3, 12);
  });

  it('has a switch for what statements count beside actions', () => {
    const doubled = { ...plain, advantage: { ...plain.advantage, statements: 2 } };
    expect(creditsOf([{ won: true, confidence: 0.8 }, { confidence: 0.2 }], doubled)[0]).toBeCloseTo(0.6, 12);
  });

  it('counts nothing when all stated the same, whatever came of it', () => {
    const group = [{ won: true, confidence: 0.6 }, { confidence: 0.6 }, { confidence: 0.6 }];
    for (const recipe of [plain, paid]) for (const credit of creditsOf(group, recipe)) expect(credit).toBeCloseTo(0, 9);
  });

  it('pays less for stating nothing than for the worst statement', () => {
    const [none, wrong] = creditsOf([{ won: true }, { won: true, confidence: 0 }, { won: true, confidence: 1 }]);
    expect(none).toBeLessThan(wrong!);
  });

  it.each([0.2, 0.5, 0.7])('pays most, on average over outcomes, for stating the chance there is: %d', (chance) => {
    for (const recipe of [plain, paid]) {
      const levels = Array.from({ length: 11 }, (_, tenth) => tenth / 10);
      const plays = levels.flatMap((confidence) =>
        Array.from({ length: 10 }, (_, play) => ({ confidence, won: play < 10 * chance })),
      );
      const credits = creditsOf(plays, recipe);
      const byLevel = levels.map((_, level) =>
        credits.slice(10 * level, 10 * level + 10).reduce<number>((sum, credit) => sum + credit!, 0),
      );
      expect(levels[byLevel.indexOf(Math.max(...byLevel))]).toBe(chance);
    }
  });

  it('leaves out what cannot be scored, and says nothing where statements earn nothing', () => {
    const outcome = { status: 'truncated', limit: 'time' } as const;
    expect(creditsOf([{ confidence: 0.4 }, { outcome, confidence: 0.9 }])).toEqual([0, undefined]);
    const unpaid = trainingRecipe({ name: 'binary' });
    expect(creditsOf([{ confidence: 0.4 }, { confidence: 0.9 }], unpaid)).toEqual([undefined, undefined]);
  });
});
