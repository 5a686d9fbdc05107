import type { DrawnToken, Engine } from './engine.ts';

/** A token as Ollama and OpenAI write it: no id, but its text and bytes. */
export interface WireToken {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
  readonly top_logprobs?: readonly WireToken[];
}

export interface ReplyPart {
  readonly text: string;
  readonly tokens: readonly WireToken[];
}

export interface ReplyEnd {
  /** Absent when the reply was broken off because it repeats itself. */
  readonly reason?: 'stop' | 'length';
  readonly promptTokens: number;
  /** Every drawn token, the one that ends the text included. */
  readonly completionIds: readonly number[];
  readonly promptNs: number;
  readonly completionNs: number;
}

export interface ReplyOptions {
  readonly stop: readonly string[];
  readonly promptTokens: number;
  /** How many alternatives to name for each token. */
  readonly topLogprobs: number;
}

/** A token that comes more often than this in a row breaks the reply off. */
const repeatLimit = 30;

/**
 * Tokens as parts of text: a part waits until its bytes are whole letters and cannot be the beginning of a stop text. Like llama.cpp's
 * server, tokens that belong to the stop text, and the one that ends the text, are counted but not shown.
 */
export async function* replyParts(
  engine: Engine,
  drawn: AsyncIterable<DrawnToken>,
  { stop, promptTokens, topLogprobs }: ReplyOptions,
): AsyncGenerator<ReplyPart, ReplyEnd> {
  const begin = process.hrtime.bigint();
  let first: bigint | undefined;
  const completionIds: number[] = [];
  let waiting: { bytes: Uint8Array; token: WireToken }[] = [];
  let last = '';
  let repeats = 0;
  const end = (reason?: 'stop' | 'length'): ReplyEnd => {
    const now = process.hrtime.bigint();
    const completionNs = completionIds.length <= 1 ? 1000 : Number(now - (first ?? now));
    return { reason, promptTokens, completionIds, promptNs: Number((first ?? now) - begin), completionNs };
  };

  for await (const token of drawn) {
    first ??= process.hrtime.bigint();
    completionIds.push(token.id);
    if (token.isEnd) {
      if (waiting.length > 0) yield part(waiting);
      return end('stop');
    }
    waiting.push({ bytes: engine.bytesOf(token.id), token: wireToken(engine, token, topLogprobs) });
    const text = textOf(waiting);
    const stopAt = firstStop(text, stop);
    if (stopAt !== undefined) {
      const shown = shownBefore(waiting, stopAt);
      if (stopAt > 0) yield { text: text.slice(0, stopAt), tokens: shown };
      return end('stop');
    }
    if (isHalfLetter(text) || stop.some((word) => endsWithBeginningOf(text, word))) continue;
    yield part(waiting);
    waiting = [];
    repeats = text.trim() === last ? repeats + 1 : 0;
    last = text.trim();
    if (repeats > repeatLimit) return end();
  }
  if (waiting.length > 0) yield part(waiting);
  return end('length');
}

function part(waiting: readonly { bytes: Uint8Array; token: WireToken }[]): ReplyPart {
  return { text: textOf(waiting), tokens: waiting.map(({ token }) => token) };
}

function textOf(waiting: readonly { readonly bytes: Uint8Array }[]): string {
  return Buffer.concat(waiting.map(({ bytes }) => bytes)).toString('utf8');
}

function shownBefore(waiting: readonly { bytes: Uint8Array; token: WireToken }[], stopAt: number): WireToken[] {
  let length = 0;
  return waiting.flatMap(({ bytes, token }) => {
    length += Buffer.from(bytes).toString('utf8').length;
    return length <= stopAt ? [token] : [];
  });
}

function firstStop(text: string, stop: readonly string[]): number | undefined {
  const places = stop.map((word) => text.indexOf(word)).filter((place) => place !== -1);
  return places.length === 0 ? undefined : Math.min(...places);
}

function isHalfLetter(text: string): boolean {
  return text.endsWith('\u{fffd}') && Buffer.byteLength(text) <= 12;
}

function endsWithBeginningOf(text: string, word: string): boolean {
  for (let length = Math.min(text.length, word.length - 1); length > 0; length -= 1) {
    if (text.endsWith(word.slice(0, length))) return true;
  }
  return false;
}

function wireToken(engine: Engine, { id, logprob, ranked }: DrawnToken, top: number): WireToken {
  const named = (token: number, value: number): WireToken => {
    const bytes = engine.bytesOf(token);
    return { token: Buffer.from(bytes).toString('utf8'), logprob: value, bytes: [...bytes] };
  };
  if (top === 0) return named(id, logprob);
  return { ...named(id, logprob), top_logprobs: ranked.slice(0, top).map((token) => named(token.id, token.logprob)) };
}

/** The whole of a reply. */
export async function wholeReply(
  parts: AsyncGenerator<ReplyPart, ReplyEnd>,
): Promise<ReplyPart & { readonly end: ReplyEnd }> {
  let text = '';
  const tokens: WireToken[] = [];
  for (;;) {
    const { done, value } = await parts.next();
    if (done === true) return { text, tokens, end: value };
    text += value.text;
    tokens.push(...value.tokens);
  }
}
