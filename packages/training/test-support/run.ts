import type { IterationManifest } from '../src/iteration-manifest.ts';
import type { IterationPorts } from '../src/iteration-ports.ts';
import type { IterationState } from '../src/iteration-state.ts';
import { planIteration } from '../src/plan-iteration.ts';
import { promoteNothing, type Promote } from '../src/promote.ts';
import type { TrainingRecipe } from '../src/recipe.ts';
import { runIteration } from '../src/run-iteration.ts';
import { startTraining } from '../src/start-training.ts';
import type { Lab } from './lab.ts';

/** Starts the laboratory's run, or goes on with it, until so many iterations are finished. */
export async function runLab(
  { games }: Lab,
  recipe: TrainingRecipe,
  iterations: number,
  ports: IterationPorts,
  promote: Promote = promoteNothing,
): Promise<{ readonly state: IterationState; readonly manifests: readonly IterationManifest[] }> {
  let state = await startTraining('lab', recipe, ports);
  while (state.iteration < iterations) {
    ({ state } = await runIteration(planIteration(recipe, games, state), state, ports, promote));
  }
  return { state, manifests: await ports.journal.manifests() };
}
