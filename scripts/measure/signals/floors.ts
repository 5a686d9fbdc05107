// Plain loops with the least that a function over such numbers must compute: what the measured ones are held beside.

export function plainAdvantages(group: readonly number[]): number[] {
  let sum = 0;
  let squares = 0;
  for (const reward of group) {
    sum += reward;
    squares += reward * reward;
  }
  const mean = sum / group.length;
  const deviation = Math.sqrt((squares - group.length * mean * mean) / (group.length - 1));
  return group.map((reward) => (reward - mean) / (deviation + 1e-4));
}

export function plainExp(a: Float64Array, b: Float64Array): Float64Array {
  const ratios = new Float64Array(a.length);
  for (let index = 0; index < a.length; index += 1) ratios[index] = Math.exp(a[index]! - b[index]!);
  return ratios;
}

export function plainSquares(values: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index]! * values[index]!;
  return sum;
}

export function plainPairs(texts: readonly (string | readonly string[])[]): number {
  const sets = texts.map((text) => new Set(text));
  let common = 0;
  for (const [index, one] of sets.entries())
    for (const other of sets.slice(index + 1)) for (const word of one) if (other.has(word)) common += 1;
  return common;
}

export function plainCosines(vectors: readonly (readonly number[])[]): number {
  let sum = 0;
  for (const one of vectors)
    for (const other of vectors) for (let at = 0; at < one.length; at += 1) sum += one[at]! * other[at]!;
  return sum;
}

export function plainGroups(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

export function plainResamples(values: readonly number[]): number {
  let sum = 0;
  for (let draw = 0; draw < 2_000; draw += 1)
    for (let at = 0; at < values.length; at += 1) sum += values[(at * 7 + draw) % values.length]!;
  return sum;
}
