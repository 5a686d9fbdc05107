/** What servers of the Tinker protocol do differently. */
export interface TinkerDialect {
  readonly name: string;
  /**
   * What a server makes of the losses of a batch. `sum`: Σ weight × loss, over all tokens and calls. `mean-of-sequence-means`: of each sequence
   * Σ weight × loss ÷ Σ weight, then the mean over the sequences of all calls before a step; the driver undoes it exactly, for one call a step.
   */
  readonly reduction: 'sum' | 'mean-of-sequence-means';
  /** The client sends `ids[:-1]` as input and `ids[1:]` as targets. No server does it by itself. */
  readonly preShifted: true;
  /** What missing `weights` are taken for. The driver always sends them. */
  readonly missingWeights: 'refused' | 'ones';
  /** The scale of adapters: the client's to choose, or what the server has fixed. */
  readonly alpha: 'free' | number;
  /** Trains all parameters when there is no adapter. */
  readonly full: boolean;
  /** A repeated call with its number is computed once, and one out of order refused: a call whose answer was lost can be made again. */
  readonly numbered: boolean;
  /** Versions of before go on giving what they gave. Where they do not, only the newest may be sampled; the driver samples no other. */
  readonly stableSamplers: boolean;
  /** A gradient that was gathered when its model was unloaded is added to that of the next model. The driver has a model take it away first. */
  readonly leaksGradients: boolean;
  /** `get_info` tells vocabulary, context and hashes; otherwise the driver must be told them. */
  readonly describesModels: boolean;
  /** Clips gradients by their norm. */
  readonly clips: boolean;
  /** What the archive of a version holds: all that a model server loads, or an adapter alone. */
  readonly archive: 'merged' | 'adapter';
  /** Takes checkpoints away when it is asked to. */
  readonly removes: boolean;
  /** Most bytes of samples in one call; a larger batch is sent in several, which add up to it. */
  readonly callBytes: number;
  /** How long the server holds a question for a result back, where it can be told. */
  readonly pollSeconds?: number;
}

/** By name. Sources: apps/trainer/README.md; SkyRL 0.3.0 with its JAX backend (`skyrl/backends/jax.py`, `skyrl/tinker/api.py`), read and run. */
export const tinkerDialects = {
  skillrl: {
    name: 'skillrl',
    reduction: 'sum',
    preShifted: true,
    missingWeights: 'refused',
    alpha: 'free',
    full: true,
    numbered: true,
    stableSamplers: true,
    leaksGradients: false,
    describesModels: true,
    clips: true,
    archive: 'merged',
    removes: true,
    // It refuses a body of more than 64 MiB.
    callBytes: 60_000_000,
    pollSeconds: 60,
  },
  'skyrl-0.3': {
    name: 'skyrl-0.3',
    reduction: 'mean-of-sequence-means',
    preShifted: true,
    missingWeights: 'ones',
    alpha: 32,
    full: false,
    numbered: false,
    stableSamplers: false,
    leaksGradients: true,
    describesModels: false,
    clips: false,
    archive: 'adapter',
    removes: false,
    // Where the public client of the protocol splits (tinker 0.7, training_client.py).
    callBytes: 5_000_000,
  },
} as const satisfies Readonly<Record<string, TinkerDialect>>;

export type TinkerDialectName = keyof typeof tinkerDialects;
