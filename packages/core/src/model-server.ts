import type { Checkpoint } from './checkpoint.ts';

/** A version that a server can answer with. */
export interface ServedVersion {
  readonly version: string;
  /** The string that chooses it as a model, such as `llama:FILE` or `ollama:skillrl-policy:v12`; the answer of a live alias changes, this one's never. */
  readonly model: string;
  /** `Checkpoint.sha256` of its weights. */
  readonly sha256: string;
}

/**
 * Serves versions of one policy. Publishing makes a version answer under a name of its own; which one is live is
 * decided apart, in one step that can be taken back: a publication that fails half-way leaves the live version as it was.
 *
 * Every call throws a `ModelServerError`: `SERVER_UNREACHABLE`, `SERVER_FAILED`, `DISK_FULL`, and what it says besides.
 */
export interface ModelServer {
  /** The string that chose it, such as `llama-cpp` or `ollama:skillrl-policy`. */
  readonly id: string;
  readonly capabilities: {
    /** Tokens and log-probabilities come back exactly, so that rollouts for RL can be sampled here. */
    readonly tokens: boolean;
    /** It answers with what the trainer keeps: a checkpoint needs its `sampler`, which is taken away with the version. Absent: it loads files. */
    readonly samplers?: boolean;
    /** The kinds of checkpoints it can load. Absent: all. */
    readonly kinds?: readonly Checkpoint['kind'][];
  };
  /** The model string that always answers with the live version; equal for all of them. */
  readonly liveModel: string;
  /**
   * Makes a version answer, and asks it for a token before it returns. A version that is there already with the same hash is left as it is.
   *
   * @throws {ModelServerError} `VERSION_EXISTS` when other weights have its name, `VERSION_INVALID` for what is no name; `CHECKPOINT_INCOMPLETE`,
   * `CHECKPOINT_CORRUPT` for files that are missing or others than were made; `CHECKPOINT_OTHER_BASE`, `CHECKPOINT_OTHER_TOKENIZER` beside a live
   * version of another policy; `VERSION_GONE` where a sampler of the trainer's is needed that it does not keep; `CANARY_FAILED` when the version does
   * not answer.
   * @throws {UnsupportedError} `CHECKPOINT_UNSUPPORTED` for a kind that the server cannot load; `TOKENS_UNSUPPORTED` when it was to give token ids and gives none.
   */
  publish(checkpoint: Checkpoint): Promise<ServedVersion>;
  /**
   * Makes a published version the live one; a rollback is the same with an older one.
   *
   * @throws {ModelServerError} `VERSION_UNKNOWN`; `VERSION_GONE` when the server could not keep its weights; `CHECKPOINT_OTHER_BASE`,
   * `CHECKPOINT_OTHER_TOKENIZER` after a version of another policy.
   */
  goLive(version: string): Promise<void>;
  /** The live version; `undefined` before the first. */
  live(): Promise<ServedVersion | undefined>;
  /** Published versions in the order of `Checkpoint.createdAt`. */
  versions(): Promise<readonly ServedVersion[]>;
  /** Takes a version away. @throws {ModelServerError} `VERSION_LIVE` for the live one; nothing happens when it is not there. */
  remove(version: string): Promise<void>;
  close(): Promise<void>;
}
