import { SkillError } from '@skillrl/core';

/** How many deaths of a trainer one piece of work outlives. */
const mostDeaths = 3;

/**
 * Does work that begins by loading a save, and begins it anew when the trainer died on the way: steps and gradients since that save are lost,
 * and going on without them would be another training.
 */
export async function surviving<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let deaths = 0; ; deaths += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SkillError) || error.code !== 'TRAINER_RESTARTED' || deaths === mostDeaths) throw error;
    }
  }
}
