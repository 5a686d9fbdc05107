import { baselineSwitches } from '@skillrl/training';
import { describe, expect, it } from 'vitest';

import { parseSwitches, switchedRecipe } from './recipe-switches.ts';

describe('parseSwitches', () => {
  it('reads numbers, truths and names to where their paths say', () => {
    expect(parseSwitches(['reward.brier=0.5', 'gate.byDifficulty=false', 'gate.low=0.2', 'loss.name=cispo'])).toEqual({
      reward: { brier: 0.5 },
      gate: { byDifficulty: false, low: 0.2 },
      loss: { name: 'cispo' },
    });
    expect(parseSwitches([])).toEqual({});
  });

  it('adds to the switches of a recipe that has a name, which stay as they were', () => {
    const { gigpo } = baselineSwitches;
    expect(parseSwitches(['advantage.negatives=1', 'memory=half'], gigpo)).toEqual({
      memory: 'half',
      advantage: { credit: 'step', negatives: 1 },
    });
    expect(gigpo).toEqual({ memory: 'none', advantage: { credit: 'step' } });
  });

  it.each(['reward.brier', '=1', '', 'a b=1', '__proto__.x=1'])('refuses %j', (text) => {
    expect(() => parseSwitches([text])).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });

  it('touches no prototype', () => {
    parseSwitches(['constructor.prototype.polluted=1']);
    expect('polluted' in {}).toBe(false);
  });
});

describe('switchedRecipe', () => {
  const recipe = (...texts: string[]) => switchedRecipe(texts, { name: 'r' });

  it('makes a recipe that differs by these switches alone', () => {
    const { optimizer } = recipe('optimizer.learningRate=1e-4');
    expect(optimizer).toEqual({ ...recipe().optimizer, learningRate: 1e-4 });
  });

  it('says of a switch that does not exist which ones are near', () => {
    expect(() => recipe('reward.bonus=1')).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        message: "No recipe has a switch 'reward.bonus'.",
        hint: expect.stringContaining('reward.stepCost, reward.brier, reward.novelty;'),
      }),
    );
    expect(() => recipe('groops=2')).toThrow("No recipe has a switch 'groops'.");
    expect(() => recipe('reward=2')).toThrow("No recipe has a switch 'reward'.");
  });

  it.each(['reward.brier=2', 'groups=0', 'gate.low=2', 'groupSize=2', 'loss.name=foo', 'optimizer.learningRate=NaN'])(
    'says of %j that the switch cannot have this value',
    (text) => {
      expect(() => recipe(text)).toThrow(
        expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(`--set ${text}.`) }),
      );
    },
  );
});
