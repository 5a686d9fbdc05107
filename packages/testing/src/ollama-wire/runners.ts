import { Engine } from './engine.ts';
import type { StoredModel } from './model-store.ts';

/** A model that is loaded, under the name that loaded it. */
export interface Runner {
  readonly model: StoredModel;
  readonly engine: Engine;
  readonly contextSize: number;
  readonly expiresAt: Date;
}

const keptMs = 5 * 60_000;

/** Loaded models, one a file: names that share a file share a runner. */
export class Runners {
  readonly #runners = new Map<string, Runner>();
  readonly #engines = new Map<string, Promise<Engine>>();

  list(): readonly Runner[] {
    return [...this.#runners.values()];
  }

  /** @param contextSize - as asked for; what is longer than the model was made for is cut. */
  async load(model: StoredModel, contextSize: number): Promise<Runner> {
    const key = keyOf(model);
    const opening = this.#engines.get(key) ?? Engine.open(model.path, model.adapter?.path);
    this.#engines.set(key, opening);
    const engine = await opening;
    const runner: Runner = {
      model: this.#runners.get(key)?.model ?? model,
      engine,
      contextSize: Math.min(contextSize, engine.contextLength),
      expiresAt: new Date(Date.now() + keptMs),
    };
    this.#runners.set(key, runner);
    return runner;
  }

  async unload(model: StoredModel): Promise<void> {
    const key = keyOf(model);
    const engine = this.#engines.get(key);
    this.#runners.delete(key);
    this.#engines.delete(key);
    await (await engine)?.close();
  }

  async close(): Promise<void> {
    const engines = await Promise.allSettled(this.#engines.values());
    this.#engines.clear();
    this.#runners.clear();
    for (const engine of engines) if (engine.status === 'fulfilled') await engine.value.close();
  }
}

function keyOf({ path, adapter }: StoredModel): string {
  return `${path}\n${adapter?.path ?? ''}`;
}
