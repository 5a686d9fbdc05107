import { baselineSwitches, trainingRecipe } from '@skillrl/training';
import { describe, expect, it } from 'vitest';

import { parseSwitches } from './recipe-switches.ts';

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

  it('makes a recipe that differs by these switches alone, and one that does not exist is refused', () => {
    const recipe = (texts: readonly string[]) => trainingRecipe({ ...parseSwitches(texts), name: 'r' });
    const { optimizer } = recipe(['optimizer.learningRate=1e-4']);
    expect(optimizer).toEqual({ ...recipe([]).optimizer, learningRate: 1e-4 });
    expect(() => recipe(['reward.bonus=1'])).toThrow(expect.objectContaining({ code: 'SCHEMA_MISMATCH' }));
    expect(() => recipe(['reward.brier=2'])).toThrow(expect.objectContaining({ code: 'SCHEMA_MISMATCH' }));
  });

  it.each(['reward.brier', '=1', '', 'a b=1', '__proto__.x=1'])('refuses %j', (text) => {
    expect(() => parseSwitches([text])).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });

  it('touches no prototype', () => {
    parseSwitches(['constructor.prototype.polluted=1']);
    expect('polluted' in {}).toBe(false);
  });
});
