/** One action and its compact answer. */
export interface CompactTurn {
  readonly action: string;
  readonly observation: string;
}

/** Everything before the first generated token: task, room, one line an entry. Ends with a newline. */
export function renderHead(task: string, entryLines: readonly string[]): string {
  return `${[task, ...entryLines].join('\n')}\n`;
}

/** The line the policy may write first: its chance of success in tenths, 0 … 10. */
export function renderConfidence(tenths: number): string {
  return `sure ${tenths}\n`;
}

/** The probability stated by a generated confidence, in [0, 1]; `undefined` when the text is no such statement. */
export function parseConfidence(text: string): number | undefined {
  const match = /^\s*sure (10|\d)\s*$/.exec(text);
  return match ? Number(match[1]) / 10 : undefined;
}

/** What stands before every generated action. */
export const actionCue = '>';

/** An action as the policy generates it: it ends with the newline. */
export function renderAction(action: string): string {
  return ` ${action}\n`;
}

/** What follows an action up to the next generated token. */
export function renderObservation(observation: string): string {
  return ` ${observation}\n${actionCue}`;
}

/**
 * The whole prompt before the next action: head, confidence, and the turns from `firstTurn` on.
 *
 * @param confidence - as generated after the head, newline included; empty to leave it out.
 */
export function renderPrompt(head: string, confidence: string, turns: readonly CompactTurn[], firstTurn = 0): string {
  const kept = turns.slice(firstTurn);
  return `${head}${confidence}${actionCue}${kept.map((turn) => renderAction(turn.action) + renderObservation(turn.observation)).join('')}`;
}

/**
 * The first turn to keep so that a prompt fits its context. Nothing is dropped while everything fits; then the oldest turns go, down to
 * three quarters of the limit, so that a cache of the prompt is rebuilt rarely. The head always stays.
 *
 * @param firstTurn - what was dropped before stays dropped.
 * @param limit - tokens for the prompt, room for the next action already taken off.
 */
export function firstTurnThatFits(
  head: string,
  turns: readonly CompactTurn[],
  firstTurn: number,
  limit: number,
  countTokens: (text: string) => number,
): number {
  const sizes = turns.map((turn) => countTokens(renderAction(turn.action) + renderObservation(turn.observation)));
  const headSize = countTokens(head) + 3;
  let size = headSize;
  for (const turnSize of sizes.slice(firstTurn)) size += turnSize;
  if (size <= limit) return firstTurn;
  let first = firstTurn;
  while (first < turns.length - 1 && size > limit * 0.75) {
    size -= sizes[first]!;
    first += 1;
  }
  return first;
}
