import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

type Message<Result> = { readonly result: Result } | { readonly failure: string };

/**
 * Calls the function `work` that a file exports in a process of its own, so that neither its memory nor its crash reaches what is measured next.
 *
 * @throws {Error} what the work threw, or that its process ended, and how.
 */
export function inChild<Input, Result>(
  file: URL,
  { work: _type, input, signal }: { readonly work?: (input: Input) => Result; input: Input; signal: AbortSignal },
): Promise<Awaited<Result>> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./child-worker.ts', import.meta.url)), [file.href], {
      execArgv: ['--expose-gc', '--max-old-space-size=12000', '--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    let message: Message<Awaited<Result>> | undefined;
    const stop = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', stop, { once: true });
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2000)));
    child.once('message', (received) => (message = received as Message<Awaited<Result>>));
    child.once('error', reject);
    child.once('close', (code, ended) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason as Error);
      else if (message === undefined)
        reject(new Error(`the process ended with ${ended ?? `exit code ${code}`}. ${lastLine(said)}`));
      else if ('failure' in message) reject(new Error(message.failure));
      else resolve(message.result);
    });
    child.send(input as object);
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
