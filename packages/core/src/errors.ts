/** The edge of the system where an error arose. The command line derives its exit code from it. */
export type Boundary =
  | 'input'
  | 'config'
  | 'store'
  | 'index'
  | 'model'
  | 'embedder'
  | 'environment'
  | 'file'
  | 'network'
  | 'trainer'
  | 'server';

export interface ErrorDetails {
  /** Permanent, upper case, never reused: `TOKENS_MISSING`. */
  readonly code: string;
  /** What happened and why, one sentence. */
  readonly message: string;
  /** What to do about it, one sentence. */
  readonly hint?: string;
  /** Whether the same call may succeed later without a change. Default `false`. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Base of every error this project throws on purpose. */
export class SkillError extends Error {
  readonly code: string;
  readonly boundary: Boundary;
  readonly retryable: boolean;
  readonly hint: string | undefined;

  constructor(boundary: Boundary, details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.boundary = boundary;
    this.code = details.code;
    this.retryable = details.retryable ?? false;
    this.hint = details.hint;
  }

  toJSON(): Record<string, unknown> {
    return {
      error: this.name,
      boundary: this.boundary,
      code: this.code,
      message: this.message,
      hint: this.hint,
      retryable: this.retryable,
    };
  }
}

/** A value from outside does not have the shape it must have: an argument, a file's line, a model's reply. */
export class InputError extends SkillError {
  constructor(details: ErrorDetails) {
    super('input', details);
  }
}

export class ConfigError extends SkillError {
  constructor(details: ErrorDetails) {
    super('config', details);
  }
}

export class StoreError extends SkillError {
  constructor(details: ErrorDetails) {
    super('store', details);
  }
}

export class IndexError extends SkillError {
  constructor(details: ErrorDetails) {
    super('index', details);
  }
}

export class ModelError extends SkillError {
  constructor(details: ErrorDetails) {
    super('model', details);
  }
}

export class EmbedderError extends SkillError {
  constructor(details: ErrorDetails) {
    super('embedder', details);
  }
}

export class EnvironmentError extends SkillError {
  constructor(details: ErrorDetails) {
    super('environment', details);
  }
}

export class FileError extends SkillError {
  constructor(details: ErrorDetails) {
    super('file', details);
  }
}

export class NetworkError extends SkillError {
  constructor(details: ErrorDetails) {
    super('network', details);
  }
}

/** The engine that computes gradients refused, failed or is not there. */
export class TrainerError extends SkillError {
  constructor(details: ErrorDetails) {
    super('trainer', details);
  }
}

/** A server that serves versions of a policy refused, failed or is not there. */
export class ModelServerError extends SkillError {
  constructor(details: ErrorDetails) {
    super('server', details);
  }
}

/** A driver was asked for something its capabilities rule out. */
export class UnsupportedError extends SkillError {
  constructor(boundary: Boundary, details: ErrorDetails) {
    super(boundary, details);
  }
}

const errorOf = {
  input: InputError,
  config: ConfigError,
  store: StoreError,
  index: IndexError,
  model: ModelError,
  embedder: EmbedderError,
  environment: EnvironmentError,
  file: FileError,
  network: NetworkError,
  trainer: TrainerError,
  server: ModelServerError,
} as const satisfies Record<Boundary, new (details: ErrorDetails) => SkillError>;

/**
 * Runs work at an edge of the system and turns foreign errors into ours. Our own errors and aborts pass unchanged.
 *
 * @param what - what was tried, as a verb phrase: `'append events'`.
 * @throws {SkillError} of the boundary, with the foreign error as its cause.
 */
export async function atBoundary<Result>(
  boundary: Boundary,
  what: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw boundaryError(boundary, what, error);
  }
}

/** The error to throw when `what` failed with `error` at `boundary`; an error of ours or an abort is returned as it is. */
export function boundaryError(boundary: Boundary, what: string, error: unknown): unknown {
  if (error instanceof SkillError || isAbort(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new errorOf[boundary]({
    code: `${boundary.toUpperCase()}_FAILED`,
    message: `Could not ${what}: ${reason}`,
    cause: error,
  });
}

/** Whether the error says that the caller gave up through an `AbortSignal`. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError');
}
