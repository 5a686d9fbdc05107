import { type Checkpoint, InputError, type ModelServer, TrainerError, UnsupportedError } from '@skillrl/core';

import type { IterationPorts } from './iteration-ports.ts';
import { type IterationState, parseIterationState } from './iteration-state.ts';
import { openPhases } from './phases.ts';
import type { TrainingRecipe } from './recipe.ts';
import { exportAndServe, removeObsolete, saveAs, versionName } from './serve-version.ts';

/**
 * The state that a run goes on from: the journal's, or that of a new run. A new run saves the weights that the model holds and serves them,
 * so that its first rollouts come from where all others will; they go live only where nothing is live.
 *
 * @param run - names the run, at most 40 letters, digits, `-`, `_`; its versions are called after it.
 * @throws {InputError} `RUN_DIFFERS` when the journal is of another run; {UnsupportedError} `TOKENS_UNSUPPORTED` when rollouts cannot be sampled
 * with ids from this server, `CHECKPOINT_UNSUPPORTED` when it does not load what is trained; {TrainerError} `TOKENIZER_MIXED`.
 */
export async function startTraining(
  run: string,
  recipe: TrainingRecipe,
  ports: IterationPorts,
): Promise<IterationState> {
  const { model, server, journal, bank } = ports;
  refuseWrongPorts(recipe, ports);
  const known = await journal.state();
  if (known !== undefined) {
    if (known.run === run) {
      // Left over by a process that died after its last iteration.
      await removeObsolete(known, ports);
      return known;
    }
    throw new InputError({
      code: 'RUN_DIFFERS',
      message: `The journal is of the run '${known.run}', not of '${run}'.`,
      hint: 'Give each run a folder of its own.',
    });
  }

  const phases = await openPhases({ iteration: 0 }, ports);
  const { weights } = await phases.once('saved', async () => ({
    outcome: 'trained' as const,
    weights: await saveAs(versionName(run, 0), model, phases),
  }));
  const bankRevision = (await bank?.entries.revision()) ?? 0;
  const served = await exportAndServe({ run, number: 0, weights, bankRevision }, ports, phases);
  let live = await server.live();
  if (live === undefined) {
    await server.goLive(served.version);
    live = served;
  }
  const state = parseIterationState({
    schema: 1,
    run,
    iteration: 0,
    version: 0,
    newest: 0,
    step: 0,
    weights,
    served: { ...served, number: 0, step: 0, weights },
    unserved: 0,
    live,
    published: [...new Set([served.version, live.version])],
    bankRevision,
    cursor: { epoch: 0, position: 0 },
    histories: {},
    lengths: [],
    sinceDecision: 0,
    obsolete: phases.written().filter((path) => path !== weights.path),
    refusals: 0,
  });
  await journal.finish(state);
  await removeObsolete(state, ports);
  return state;
}

/**
 * Tells before anything is done what `startTraining` refuses of a server.
 *
 * @param kind - of the checkpoints that will be published.
 * @throws {UnsupportedError} `TOKENS_UNSUPPORTED`, `CHECKPOINT_UNSUPPORTED`
 */
export function refuseServer(
  { source }: TrainingRecipe,
  kind: Checkpoint['kind'],
  { id, capabilities }: ModelServer,
): void {
  if (source === 'rollouts' && !capabilities.tokens) {
    throw new UnsupportedError('server', {
      code: 'TOKENS_UNSUPPORTED',
      message: `The model server '${id}' does not return token ids, so its rollouts cannot be trained on.`,
      hint: 'Use llama-cpp, trainer, or Ollama or vLLM with the vocabulary of the policy.',
    });
  }
  if (capabilities.kinds?.includes(kind) === false) {
    throw new UnsupportedError('server', {
      code: 'CHECKPOINT_UNSUPPORTED',
      message: `The model server '${id}' loads ${capabilities.kinds.join(' and ')} checkpoints, and this training makes ${kind} ones.`,
      hint:
        kind === 'full'
          ? 'Train an adapter (skillrl train run --lora RANK), or choose another server.'
          : 'Train all parameters (leave --lora out), or choose another server.',
    });
  }
}

function refuseWrongPorts(recipe: TrainingRecipe, { server, model, tokenizer }: IterationPorts): void {
  refuseServer(recipe, model.info.kind, server);
  const own = model.info.tokenizer;
  if (own === undefined || own === tokenizer) return;
  throw new TrainerError({
    code: 'TOKENIZER_MIXED',
    message: `The trainer's tokenizer is ${own}, and that of the served policy ${tokenizer}.`,
    hint: 'Open the trainer on the base that the served policy was made from.',
  });
}
