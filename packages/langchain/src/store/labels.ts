import { contentHash, InputError } from '@skillrl/core';

/** What a namespace's labels may not hold, besides being empty: LangGraph's rules. */
const forbidden = /[.:\0]/;

/** Most characters that a namespace may take in an id, so that there is room for the key. */
const longestNamespace = 400;
const longestId = 512;

/** Refuses a namespace by LangGraph's rules. @throws {InputError} `NAMESPACE_INVALID` */
export function checkNamespace(namespace: readonly unknown[], { mayBeEmpty = false } = {}): void {
  if (namespace.length === 0 && !mayBeEmpty) throw invalid('a namespace may not be empty');
  for (const label of namespace) {
    if (typeof label !== 'string') throw invalid(`a label must be a text, not ${typeof label}`);
    if (label === '') throw invalid('a label may not be empty');
    if (forbidden.test(label)) throw invalid(`the label '${label}' holds '.', ':' or NUL`);
  }
}

function invalid(reason: string): InputError {
  return new InputError({
    code: 'NAMESPACE_INVALID',
    message: `The namespace cannot be used: ${reason}.`,
    hint: 'storeLabel() makes a label of any text, such as a mail address.',
  });
}

/**
 * Any text as a label of a LangGraph namespace, such as a tenant's id: `.`, `:`, NUL and `%` become `%` and four hexadecimal digits, so that no
 * two texts give one label. The empty text becomes `%`, and `langgraph`, which may not be a root, `%006canggraph`.
 */
export function storeLabel(text: string): string {
  if (text === '') return '%';
  if (text === 'langgraph') return `${hex('l')}anggraph`;
  return text.replaceAll(/[.:\0%]/g, hex);
}

/** The text that `storeLabel` made the label of. */
export function storeLabelText(label: string): string {
  return label === '%' ? '' : decode(label);
}

/** A namespace as the beginning of its items' ids: what begins with it lies in it or below it. `['a', 'b']` is `a/b/`. */
export function namespaceId(namespace: readonly string[]): string {
  const id = namespace.map((label) => `${encode(label)}/`).join('');
  if (id.length <= longestNamespace) return id;
  throw new InputError({
    code: 'NAMESPACE_TOO_LONG',
    message: `The namespace takes ${id.length} characters, more than ${longestNamespace}. Signs other than letters, digits, - and _ count five.`,
  });
}

export function namespaceOf(id: string): string[] {
  return id.slice(0, -1).split('/').map(decode);
}

/** An item's id: its namespace, then the key, or its hash where it is long. Ids order items by namespace, then by key. */
export function itemId(namespace: readonly string[], key: string): string {
  const prefix = `${namespaceId(namespace)}!`;
  const id = prefix + encode(key);
  return id.length <= longestId ? id : `${prefix}~${contentHash(encode(key))}`;
}

/** Only ASCII, so that every store orders ids alike, and never `/`, `!` or `~`, which have a meaning. */
function encode(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, hex);
}

function decode(text: string): string {
  return text.replaceAll(/%([0-9a-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** One unit of UTF-16, half a surrogate pair too. */
function hex(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
