export type OnError = (what: string, error: unknown) => void;

interface Write {
  readonly what: string;
  readonly work: () => Promise<unknown>;
}

/** Milliseconds that writes are gathered: those of all runs that end meanwhile cost the disk one wait, and no run waits for it. */
const gatherMs = 25;

/** Writes in the background: those of one key in the order given, those gathered together in one breath. Failures go to `onError`. */
export class WriteBehind<Key extends object> {
  readonly #waiting = new Map<Key, Write[]>();
  /** Of each key: settles when what was handed over of it is written. */
  readonly #last = new WeakMap<Key, Promise<unknown>>();
  readonly #onError: OnError;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #handingOver = Promise.withResolvers<void>();
  #hurried = 0;

  constructor(onError: OnError) {
    this.#onError = onError;
  }

  add(key: Key, what: string, work: () => Promise<unknown>): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, [{ what, work }]);
    else waiting.push({ what, work });
    this.#timer ??= setTimeout(() => this.now(), this.#hurried > 0 ? 0 : gatherMs);
  }

  /** Begins to write what waits, of all keys in one breath. */
  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [key, writes] of this.#waiting) {
      const before = this.#last.get(key) ?? Promise.resolve();
      const last = before.then(() => Promise.all(writes.map((write) => this.#carryOut(write))));
      this.#last.set(key, last);
    }
    this.#waiting.clear();
    this.#handingOver.resolve();
    this.#handingOver = Promise.withResolvers();
  }

  /** Settles when everything of the key is written that was added until now. */
  async written(key: Key): Promise<void> {
    if (this.#waiting.has(key)) await this.#handingOver.promise;
    await this.#last.get(key);
  }

  /** Waits for the work, and gathers nothing while it goes on. */
  async hurry(work: Promise<unknown>): Promise<void> {
    this.#hurried += 1;
    try {
      this.now();
      await work;
    } finally {
      this.#hurried -= 1;
    }
  }

  async #carryOut({ what, work }: Write): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#onError(what, error);
    }
  }
}
