/** A place that so many different words fill is a place for names. */
const fewestFillers = 6;

/**
 * Learns from goals alone what kinds of goal there are: `put a hot mug in cabinet` → `put a hot _ in _`. Words that differ between goals of
 * one kind are told from words that make the kind by what stands beside them: many different words fill `a _ in`, few fill `a _ mug in`.
 * No benchmark's words are known, and no labels are needed.
 *
 * @returns the template of a goal, lower case without punctuation; a word that no learned goal had counts as a name. With few goals every
 * word is kept.
 */
export function learnGoalTemplates(goals: Iterable<string>): (goal: string) => string {
  const known = new Set<string>();
  const fillers = new Map<string, Set<string>>();
  for (const goal of goals) {
    const words = ['', ...wordsOf(goal), ''];
    for (let at = 1; at < words.length - 1; at += 1) {
      const word = words[at]!;
      const place = `${words[at - 1]} _ ${words[at + 1]}`;
      known.add(word);
      const seen = fillers.get(place) ?? new Set();
      fillers.set(place, seen.add(word));
    }
  }
  const names = new Set([...fillers.values()].filter(({ size }) => size >= fewestFillers).flatMap((seen) => [...seen]));
  const isName = (word: string): boolean => names.size > 0 && (names.has(word) || !known.has(word));
  return (goal) =>
    wordsOf(goal)
      .map((word) => (isName(word) ? '_' : word))
      .join(' ');
}

function wordsOf(goal: string): string[] {
  return goal.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
