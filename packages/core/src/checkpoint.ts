/** Weights of a policy, and what they were trained from and with. One manifest ties them to the bank they met in training. */
export interface Checkpoint {
  /** Names the version, such as `v12`: letters, digits, `-`, `_`. Unique in its registry, never used again. */
  readonly version: string;
  /** The version it was trained from; absent for a base. */
  readonly parent?: string;
  readonly kind: 'full' | 'lora';
  /** SHA-256 of the base's weights file, in hex. */
  readonly base: string;
  /** Content hash of the tokenizer, as `TokenTrace.tokenizer` names it. */
  readonly tokenizer: string;
  /**
   * Folder of what a model server loads: `model-f16.gguf` and `model.safetensors` (merged), `config.json`, `tokenizer.json`, and for LoRA
   * `adapter/adapter_model.safetensors` with `adapter/adapter_config.json`.
   */
  readonly path: string;
  /** SHA-256 of `model.safetensors`, in hex. */
  readonly sha256: string;
  /** SHA-256 in hex of further files, by their path in the folder. A file that is another is refused by whoever loads it. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where the trainer that made it keeps it to sample from, in the trainer's own words; absent where it keeps none. */
  readonly sampler?: string;
  /** The bank's revision its last rollouts were played with; absent without a bank. */
  readonly bankRevision?: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}
