/**
 * A pure function of one text that remembers its last results.
 *
 * @param capacity - how many are kept; when one more would be, the oldest is forgotten.
 */
export function cached<Result>(capacity: number, compute: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = compute(text);
    if (known.size >= capacity) known.delete(known.keys().next().value ?? text);
    known.set(text, result);
    return result;
  };
}
