/** Likeness of two texts in [0, 1]: the cosine of their words, each weighted by how rare it is among the texts. */
export function wordWeights(texts: readonly string[]): (a: string, b: string) => number {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of new Set(wordsOf(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  const weightOf = (word: string): number => Math.log((texts.length + 1) / ((counts.get(word) ?? 0) + 0.5));
  const vectorOf = (text: string) => new Map(wordsOf(text).map((word) => [word, weightOf(word)]));
  return (a, b) => {
    const [first, second] = [vectorOf(a), vectorOf(b)];
    let dot = 0;
    for (const [word, weight] of first) dot += weight * (second.get(word) ?? 0);
    const size = (vector: ReadonlyMap<string, number>) => Math.hypot(...vector.values());
    return dot === 0 ? 0 : dot / (size(first) * size(second));
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
