/** A map of bounded size: the key that was set longest ago gives way. */
export class RecentMap<Value> {
  readonly #values = new Map<string, Value>();
  readonly #size: number;

  /** @param size - most keys, an integer ≥ 1. */
  constructor(size: number) {
    this.#size = size;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#size && oldest !== undefined) this.#values.delete(oldest);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }
}
