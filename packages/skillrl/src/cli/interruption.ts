/** A Ctrl-C can arrive twice at once, from the terminal and from the process above. */
const sameKeyPressMs = 500;

/**
 * A signal that Ctrl-C or SIGTERM aborts; a second one, later than the same key press, ends the program at once.
 */
export function interruptionSignal(): AbortSignal {
  const interruption = new AbortController();
  let firstAt = 0;
  const interrupt = (): void => {
    const now = Date.now();
    if (!interruption.signal.aborted) {
      firstAt = now;
      interruption.abort();
      process.stderr.write('\nStopping … (once more to stop at once)\n');
    } else if (now - firstAt >= sameKeyPressMs) process.exit(130);
  };
  // The listeners stay: a library that finds itself the only listener left takes the signal for deadly.
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, interrupt);
  return interruption.signal;
}
