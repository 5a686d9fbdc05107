/** What one conversation's prompt has become: tokens are added at its end, and never made again from text. */
export interface GrowingPrompt {
  readonly ids: readonly number[];
  /** What the ids say; absent where the prompt was given as ids. */
  readonly text?: string;
  /** Where a request's prompt or completion ended, oldest first: places at which the text may be left and continued otherwise. */
  readonly ends: readonly { readonly textLength: number; readonly idCount: number }[];
}

export interface Growth {
  /** The prompt as it is now asked for. */
  readonly prompt: GrowingPrompt;
  /** Those of its tokens that come after what it shares with the conversation so far. */
  readonly newIds: readonly number[];
}

export const emptyPrompt: GrowingPrompt = { ids: [], text: '', ends: [{ textLength: 0, idCount: 0 }] };

/**
 * Takes over as much of the conversation as the text begins with, up to one of its ends, and tokenises only the rest.
 *
 * @param tokenize - is called with the rest; `atStart` says that nothing comes before it.
 */
export function growByText(
  before: GrowingPrompt,
  text: string,
  tokenize: (text: string, atStart: boolean) => readonly number[],
): Growth {
  const known = before.text;
  const shared =
    known === undefined ? -1 : before.ends.findLastIndex((end) => text.startsWith(known.slice(0, end.textLength)));
  const { textLength, idCount } = before.ends[shared] ?? { textLength: 0, idCount: 0 };
  const rest = text.slice(textLength);
  const newIds = rest === '' ? [] : tokenize(rest, idCount === 0);
  const ids = [...before.ids.slice(0, idCount), ...newIds];
  return { prompt: withEnd({ ids, text, ends: before.ends.slice(0, shared + 1) }), newIds };
}

/** The same for a prompt that is given as tokens: it shares the longest common beginning. */
export function growByIds(before: GrowingPrompt, ids: readonly number[]): Growth {
  return { prompt: { ids, ends: [] }, newIds: ids.slice(sharedLength(before.ids, ids)) };
}

/** @param text - what the sampled ids say, the stop text included. */
export function addCompletion(prompt: GrowingPrompt, ids: readonly number[], text: string): GrowingPrompt {
  const { text: before, ends } = prompt;
  return withEnd({ ids: [...prompt.ids, ...ids], text: before === undefined ? undefined : before + text, ends });
}

/** How many ids two lists begin with in common. */
export function sharedLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

function withEnd(prompt: GrowingPrompt): GrowingPrompt {
  if (prompt.text === undefined) return prompt;
  return { ...prompt, ends: [...prompt.ends, { textLength: prompt.text.length, idCount: prompt.ids.length }] };
}
