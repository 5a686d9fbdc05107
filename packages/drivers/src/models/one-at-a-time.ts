import { unlessAborted } from './unless-aborted.ts';

/** Runs pieces of work one after the other, in the order they were handed over. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param signal - an abort rejects at once with its reason; work that has begun goes on to its end before the next begins.
   * @returns what the work returns or throws; the work after it runs either way.
   */
  run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const result = this.#last.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    this.#last = result.catch(() => {});
    return signal === undefined ? result : unlessAborted(result, signal);
  }
}
