import { TrainerError } from '@skillrl/core';

/** A refusal with the service's status and code. */
export class WireError extends Error {
  readonly status: number;
  readonly code: string;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.facts = facts;
  }
}

/** What failed, as the wire says it; errors of the engine have the service's codes. */
export function asWireError(error: unknown): WireError {
  if (error instanceof WireError) return error;
  if (error instanceof TrainerError) return new WireError(400, error.code, error.message);
  return new WireError(500, 'INTERNAL', error instanceof Error ? error.message : String(error));
}
