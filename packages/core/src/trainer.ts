/** One sequence to train on: arrays of one length, one element a token, in the order of the text. Nothing is shifted. */
export interface TrainingSample {
  readonly ids: readonly number[];
  /** What each token counts in the loss, ≥ 0; 0 on what the policy did not sample. The first token has nothing before it: its weight is 0. */
  readonly weights: readonly number[];
  /** Natural logarithm of the probability with which the sampler drew each token, ≤ 0; 0 where the weight is 0. Not for `cross_entropy`. */
  readonly logprobs?: readonly number[];
  /** Not for `cross_entropy`. */
  readonly advantages?: readonly number[];
}

/**
 * What is minimised: the sum over all tokens of weight × loss. With r = exp(log π(token) − logprob) and A the advantage:
 * `cross_entropy` −log π; `importance_sampling` −r·A; `ppo` −min(r·A, clip(r)·A) (arXiv:1707.06347); `cispo` −stop_gradient(clip(r))·A·log π
 * (arXiv:2506.13585). `low` and `high` bound r itself. Default 0.8 and 1.2.
 */
export type TrainingLoss =
  | { readonly name: 'cross_entropy' | 'importance_sampling' }
  | { readonly name: 'ppo' | 'cispo'; readonly low?: number; readonly high?: number };

export interface ForwardResult {
  /** By sample and token: log π(token | tokens before) of the full distribution at temperature 1; 0 for the first token. */
  readonly logprobs: readonly (readonly number[])[];
  /** Sum over all tokens of weight × loss. */
  readonly loss: number;
}

export interface AdamOptions {
  readonly learningRate: number;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.95. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled (AdamW). Default 0. */
  readonly weightDecay?: number;
  /** Largest norm of the whole gradient; 0 clips nothing. Default 0. */
  readonly clipNorm?: number;
}

export interface StepResult {
  /** Updates made so far, this one included. */
  readonly step: number;
  /** Norm of the gradient before clipping. */
  readonly gradientNorm: number;
}

export interface TrainableModelOptions {
  /** A name or a folder that the trainer knows, such as `warm`. */
  readonly base: string;
  /** All parameters, or a low-rank adapter. Default `full`. */
  readonly form?: 'full' | { readonly rank: number; readonly alpha?: number; readonly seed?: number };
  /** Refused when the base's weights have another hash, in hex. */
  readonly baseSha256?: string;
}

export interface TrainableModelInfo {
  /** SHA-256 of the base's weights file, in hex. */
  readonly base: string;
  /** Content hash of the tokenizer as `TokenTrace.tokenizer` names it, where the trainer can tell. */
  readonly tokenizer?: string;
  /** Token ids are below it. */
  readonly vocabulary: number;
  /** Most tokens of a sequence. */
  readonly context: number;
  readonly kind: 'full' | 'lora';
  /** Parameters that are trained, where the trainer can tell. */
  readonly trainable?: number;
}

export interface SampleOptions {
  /** Most tokens to sample, ≥ 1. */
  readonly maxTokens: number;
  /** Sequences, each drawn for itself. Default 1. */
  readonly count?: number;
  /** 0 takes the most likely token. Default 1. */
  readonly temperature?: number;
  /** A token of these ends a sequence and is its last one. Default: none. */
  readonly stop?: readonly number[];
  /** Equal seeds give equal sequences. */
  readonly seed?: number;
}

export interface SampledSequence {
  readonly ids: readonly number[];
  /** Of the full distribution at temperature 1, whatever was drawn from: what `forward` says of the same tokens. */
  readonly logprobs: readonly number[];
  readonly finish: 'stop' | 'length';
}

/** Where saved weights are, in the trainer's own words. */
export interface SavedWeights {
  /** Given to `load`; opaque. */
  readonly path: string;
  /** Of what was written, in hex, where the trainer tells. */
  readonly sha256?: string;
}

/** What `exportWeights` wrote. */
export interface ExportedWeights {
  /** SHA-256 of `model.safetensors`, in hex. */
  readonly sha256: string;
  /** Where the trainer keeps it, in its own words: `pathOf('export', name)`. Absent unless it was to keep it. */
  readonly sampler?: string;
}

/**
 * Weights that a trainer holds. Calls are carried out in the order they are made. A refused call changes nothing; one that failed on the way
 * leaves the weights of before it.
 *
 * Every call throws a `TrainerError` with a permanent code: a wrong batch one of `checkTrainingSamples` before anything is sent;
 * `TRAINER_UNREACHABLE`, and then or later `TRAINER_RESTARTED` when steps since the last save are lost: it stays so until a save is loaded, for
 * every call but `remove` and `close`.
 */
export interface TrainableModel {
  /** What `Trainer.reopen` takes. Another one after a `load` that had to make the model anew. */
  readonly id: string;
  readonly info: TrainableModelInfo;
  /** Log-probabilities and loss; no gradient. */
  forward(samples: readonly TrainingSample[], loss?: TrainingLoss): Promise<ForwardResult>;
  /** Adds the gradient of the loss to what has been gathered since the last step. */
  forwardBackward(samples: readonly TrainingSample[], loss: TrainingLoss): Promise<ForwardResult>;
  /** Applies the gathered gradient, and clears it. @throws {TrainerError} `GRADIENT_MISSING`. */
  step(adam: AdamOptions): Promise<StepResult>;
  /**
   * Saves weights, optimizer and random state durably under a name that is not taken: letters, digits, `-`, `_`.
   *
   * @throws {TrainerError} `CHECKPOINT_EXISTS`, `NAME_INVALID`, `GRADIENT_PENDING` when a gradient is gathered: a save has none; `DISK_FULL`.
   */
  save(name: string): Promise<SavedWeights>;
  /** Goes back to what was saved, gathered gradients forgotten. @throws {TrainerError} `CHECKPOINT_UNKNOWN`, `CHECKPOINT_OTHER_BASE`, `CHECKPOINT_CORRUPT`. */
  load(path: string): Promise<void>;
  /**
   * Writes what a model server loads into a folder that does not exist yet; whole or not at all. The files are those of `Checkpoint.path`.
   *
   * @param name - of the export at the trainer; taken by one of this model that broke off, or that is kept.
   * @param options.keep - whether the trainer keeps it besides, to sample from it. Default `false`: it keeps none of it once the folder is there.
   * @throws {TrainerError} `CHECKPOINT_EXISTS`, `NAME_INVALID`, `FOLDER_EXISTS`, `DISK_FULL`.
   */
  exportWeights(name: string, folder: string, options?: { readonly keep?: boolean }): Promise<ExportedWeights>;
  /** Where a save or an export of this name stands at the trainer, known before it is written; that of a save is its `SavedWeights.path`. */
  pathOf(kind: 'save' | 'export', name: string): string;
  /**
   * Takes away for good what stands under a path, of this model or another; the weights that are held stay. Nothing happens when it is not there.
   *
   * @throws {TrainerError} `PATH_INVALID`; {UnsupportedError} `CAPABILITY_MISSING` where the trainer keeps everything.
   */
  remove(path: string): Promise<void>;
  /** Continues the prompt with the present weights. Absent where the trainer does not sample. */
  sample?(prompt: readonly number[], options: SampleOptions): Promise<readonly SampledSequence[]>;
  /** Forgets the model; what was saved stays. Later calls throw `MODEL_CLOSED`. */
  close(): Promise<void>;
}

/** Computes gradients: an engine behind a protocol, reached by a driver. */
export interface Trainer {
  /** The string that chose it, such as `tinker:http://127.0.0.1:41873`. */
  readonly id: string;
  /** @throws {TrainerError} `BASE_UNKNOWN`, `BASE_MISMATCH`, `TRAINER_UNREACHABLE`, `TOKEN_WRONG`. */
  open(options: TrainableModelOptions): Promise<TrainableModel>;
  /**
   * Finds a model of before this process, if the trainer still holds it; `undefined` when it does not. What it has computed since its last save
   * is unknown, so a save must be loaded first: until then every other call throws `TRAINER_RESTARTED`.
   */
  reopen(id: string): Promise<TrainableModel | undefined>;
  /** Lets go of everything here. Models that were not closed can be reopened, as long as the trainer keeps them. */
  close(): Promise<void>;
}
