import { InputError } from '@skillrl/core';

import { openSafetensors } from './safetensors.ts';

/** How far the weights of one part of a network moved. */
export interface WeightChange {
  /** Such as `layer 0 attention`, `embedding`, `norms`. */
  readonly part: string;
  readonly parameters: number;
  /** How many of them are another number. */
  readonly changed: number;
  /** Norm of the difference, as that of one long vector. */
  readonly distance: number;
  /** `distance` over the norm of the first one's weights. */
  readonly relative: number;
}

/**
 * Compares two files of weights of one architecture, part by part, in the order of the first one's layers.
 *
 * @throws {FileError} `SAFETENSORS_INVALID`; {InputError} `POLICIES_DIFFER` when they do not have the same tensors.
 */
export async function weightChanges(pathA: string, pathB: string): Promise<readonly WeightChange[]> {
  await using a = await openSafetensors(pathA);
  await using b = await openSafetensors(pathB);
  const others = new Map(b.tensors.map((tensor) => [tensor.name, tensor]));
  const sums = new Map<string, { parameters: number; changed: number; difference: number; before: number }>();
  for (const tensor of a.tensors) {
    const other = others.get(tensor.name);
    if (other === undefined || other.shape.join() !== tensor.shape.join()) throw notComparable(tensor.name);
    const [before, after] = [await tensor.values(), await other.values()];
    const part = partOf(tensor.name);
    const sum = sums.get(part) ?? { parameters: 0, changed: 0, difference: 0, before: 0 };
    for (const [place, value] of before.entries()) {
      const difference = (after[place] ?? Number.NaN) - value;
      if (difference !== 0) sum.changed += 1;
      sum.difference += difference ** 2;
      sum.before += value ** 2;
    }
    sums.set(part, { ...sum, parameters: sum.parameters + before.length });
  }
  if (others.size !== a.tensors.length)
    throw notComparable([...others.keys()].find((name) => !a.tensors.some((tensor) => tensor.name === name)) ?? '');
  return [...sums]
    .toSorted(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }))
    .map(([part, { parameters, changed, difference, before }]) => {
      const distance = Math.sqrt(difference);
      return { part, parameters, changed, distance, relative: before === 0 ? 0 : distance / Math.sqrt(before) };
    });
}

/** The part of a network that a tensor belongs to, by its name in the form of Hugging Face. */
function partOf(name: string): string {
  const [, layer] = /\blayers\.(\d+)\./.exec(name) ?? [];
  if (name.includes('norm')) return 'norms';
  if (layer !== undefined) return `layer ${layer} ${name.includes('self_attn') ? 'attention' : 'feed-forward'}`;
  return name.includes('embed') ? 'embedding' : name.includes('lm_head') ? 'head' : 'other';
}

function notComparable(name: string): InputError {
  return new InputError({
    code: 'POLICIES_DIFFER',
    message: `The two policies cannot be compared: the tensor '${name}' is missing in one of them, or has another shape.`,
    hint: 'Compare versions that were trained from one base.',
  });
}
