import { hash } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const randomCharacters = 12;
/** Random bytes for many ids: asking the system for them costs ten times the id. */
const random = new Uint8Array(randomCharacters * 128);
let unused = random.length;

/**
 * A new identifier: the prefix, then 10 characters of time and 12 of randomness, so that ids sort by the time they were made.
 *
 * @param prefix - what the id names: `'episode'`, `'entry'`, `'call'`.
 * @param now - milliseconds since 1970. Default: the system's clock.
 */
export function newId(prefix: string, now: number = Date.now()): string {
  let id = `${prefix}_${timePart(now)}`;
  if (unused === random.length) {
    crypto.getRandomValues(random);
    unused = 0;
  }
  for (const end = unused + randomCharacters; unused < end; unused += 1) id += alphabet[random[unused]! & 31];
  return id;
}

/** SHA-256 of the text, as 64 hexadecimal digits. */
export function contentHash(text: string): string {
  return hash('sha256', text, 'hex');
}

function timePart(now: number): string {
  let rest = now;
  let text = '';
  for (let position = 0; position < 10; position += 1) {
    text = alphabet[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
