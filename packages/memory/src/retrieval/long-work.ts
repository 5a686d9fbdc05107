import type { Progress } from '@skillrl/core';

/** Work on fewer items is done before anybody would read news of it. */
const fewest = 5_000;
/** Other work has its turn after so many items. */
const most = 256;

export interface LongWork {
  readonly done: number;
  /** Notes that items are done. @returns true when it is time to let others have their turn. */
  advance(count?: number): boolean;
  end(): void;
}

/** Counts the items of a stage, and tells of them when there are many. */
export function longWork(progress: Progress, stage: string, total: number): LongWork {
  const startedAt = performance.now();
  const isTold = total >= fewest;
  let done = 0;
  if (isTold) progress({ type: 'stage-start', stage, total, unit: 'entries' });
  return {
    get done() {
      return done;
    },
    advance: (count = 1) => {
      const before = Math.floor(done / most);
      done += count;
      const isTime = Math.floor(done / most) > before;
      if (isTime && isTold) progress({ type: 'stage-advance', stage, done, total });
      return isTime;
    },
    end: () => {
      if (isTold) progress({ type: 'stage-end', stage, done, durationMs: performance.now() - startedAt });
    },
  };
}

/** Resolves when everything else that waits has had its turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Waits for work, but no longer than so many milliseconds; the work goes on. @returns whether it is done. */
export async function within(work: Promise<void>, waitMs: number): Promise<boolean> {
  if (waitMs === Infinity) return work.then(() => true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, waitMs, false)));
  const isDone = await Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
  // Its failure is met by the next who waits for it.
  if (!isDone) work.catch(() => {});
  return isDone;
}
