import { WireError } from './http.ts';

/** What shapes a reply. */
export interface RequestOptions {
  /** As asked: the model's own context may be shorter. */
  readonly num_ctx: number;
  /** How much of a long prompt's beginning survives a cut. */
  readonly num_keep: number;
  /** −1: until the context has been filled ten times; 0 is dropped on the way, and means without end. */
  readonly num_predict: number;
  readonly seed: number;
  readonly temperature: number;
  readonly top_k: number;
  readonly top_p: number;
  readonly min_p: number;
  readonly repeat_penalty: number;
  readonly repeat_last_n: number;
  readonly stop: readonly string[];
}

const defaults: RequestOptions = {
  num_ctx: 4096,
  num_keep: 4,
  num_predict: -1,
  seed: -1,
  temperature: 0.8,
  top_k: 40,
  top_p: 0.9,
  min_p: 0,
  repeat_penalty: 1.1,
  repeat_last_n: 64,
  stop: [],
};

const floats = new Set(['temperature', 'top_p', 'min_p', 'repeat_penalty']);

/**
 * Defaults, then the model's parameters, then the request's options. Unknown names are ignored.
 *
 * @throws {WireError} for a value of the wrong type.
 */
export function requestOptions(...layers: readonly (Readonly<Record<string, unknown>> | undefined)[]): RequestOptions {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [name, value] of layers.flatMap((layer) => Object.entries(layer ?? {}))) {
    if (!(name in defaults) || value === null || value === undefined) continue;
    if (name === 'stop') merged[name] = stopTexts(value);
    else if (typeof value === 'number') merged[name] = value;
    else throw new WireError(500, `option "${name}" must be of type ${floats.has(name) ? 'float32' : 'integer'}`);
  }
  return merged as unknown as RequestOptions;
}

function stopTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.map(String);
  throw new WireError(500, 'option "stop" must be of type array');
}
