import { WireError } from './wire-error.ts';

/** The numbered calls of one model: the same number and body give the same request. */
export class Numbers {
  /** The last one accepted. */
  last: number;
  readonly #calls = new Map<number, { readonly body: string; readonly requestId: string }>();

  constructor(last: number) {
    this.last = last;
  }

  /** The request that has this number already. @throws {WireError} `SEQUENCE_REUSED`, `SEQUENCE_GAP`, `SEQUENCE_FORGOTTEN` */
  known(number: number, body: string): string | undefined {
    const found = this.#calls.get(number);
    const expected = this.last + 1;
    if (found !== undefined) {
      if (found.body === body) return found.requestId;
      throw new WireError(409, 'SEQUENCE_REUSED', `Number ${number} was used for another body.`, { expected });
    }
    if (number === expected) return undefined;
    const code = number < expected ? 'SEQUENCE_FORGOTTEN' : 'SEQUENCE_GAP';
    throw new WireError(409, code, `Number ${number} is not the next one; that is ${expected}.`, { expected });
  }

  accept(number: number, body: string, requestId: string): void {
    this.last = number;
    this.#calls.set(number, { body, requestId });
  }
}
