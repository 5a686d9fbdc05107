/** Rejects with the signal's reason as soon as it is aborted; the work itself goes on to its end. */
export function unlessAborted<Result>(result: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  return Promise.race([result, aborted]).finally(() => signal.removeEventListener('abort', giveUp));
}
