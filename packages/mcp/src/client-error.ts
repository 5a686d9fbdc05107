import { InputError } from '@skillrl/core';

/** Where the server says what a client need not know. */
export type OnError = (what: string, error: unknown) => void;

/**
 * Runs what a client asked for. What is wrong with its input it is told, with the hint. What is wrong with us, such as a file or a disk, it is
 * told of without the details: they may hold paths, and clients may be strangers.
 */
export async function saying<Result extends object>(what: string, onError: OnError, work: () => Promise<Result>) {
  try {
    return await work();
  } catch (error) {
    return { isError: true, content: [textOf(told(what, error, onError))] };
  }
}

/** The same for what cannot answer with an error of its own: it throws. */
export async function throwing<Result>(what: string, onError: OnError, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw new Error(told(what, error, onError));
  }
}

export function textOf(text: string) {
  return { type: 'text', text } as const;
}

function told(what: string, error: unknown, onError: OnError): string {
  if (error instanceof InputError) {
    return `${error.code}: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`;
  }
  onError(what, error);
  return `The server could not ${what}; its log says why.`;
}
