/** Sends what the console prints to standard error, until it is disposed of: standard output belongs to the protocol. */
export function consoleToStandardError(): Disposable {
  const { log, info, debug } = console;
  console.log = console.info = console.debug = (...args: unknown[]) => console.error(...args);
  return { [Symbol.dispose]: () => void Object.assign(console, { log, info, debug }) };
}
