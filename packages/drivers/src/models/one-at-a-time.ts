/** Runs pieces of work one after the other, in the order they were handed over. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /** @returns what the work returns or throws; the work after it runs either way. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }
}
