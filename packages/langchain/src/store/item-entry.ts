import { InputError, type Principle } from '@skillrl/core';
import { estimateTokens } from '@skillrl/memory';
import type { Item } from '@langchain/langgraph';

import { itemId, namespaceId } from './labels.ts';

/** Most characters of one field of an entry's metadata, in code points: what is longer takes several. */
const longestPart = 100_000;
const longestTitle = 400;
const longestText = 19_000;

export interface NewItem {
  readonly namespace: readonly string[];
  readonly key: string;
  /** The value as JSON. */
  readonly json: string;
  /** What it is found by; empty: by nothing but its key and its fields. */
  readonly text: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly version: number;
}

/**
 * An item of a store as an entry of the bank: its text is what is searched, its value stands whole in the metadata. An item that is not indexed
 * is a candidate, which no search finds.
 */
export function itemEntry(bank: string, item: NewItem): Principle {
  const { namespace, key, json, createdAt, updatedAt, version } = item;
  const text = item.text.toWellFormed();
  const parts = json.match(new RegExp(`[^]{1,${longestPart}}`, 'gu')) ?? [];
  return {
    id: itemId(namespace, key),
    kind: 'principle',
    version,
    namespace: bank,
    scope: 'general',
    cluster: namespaceId(namespace),
    title: text.slice(0, longestTitle).toWellFormed() || 'no text',
    body: { principle: text.slice(longestTitle, longestTitle + longestText).toWellFormed(), appliesWhen: '' },
    // Whoever asks within a namespace above meets these conditions.
    conditions: { families: namespace.map((_, depth) => namespaceId(namespace.slice(0, depth + 1))) },
    evidence: [],
    status: text === '' ? 'candidate' : 'active',
    tokens: estimateTokens(text),
    madeBy: { method: 'langgraph-store' },
    metadata: {
      item: JSON.stringify({ namespace, key, updatedAt, parts: parts.length }),
      ...Object.fromEntries(parts.map((part, at) => [`value${at}`, part])),
    },
    createdAt,
  };
}

/** The item that `itemEntry` made the entry of. Each reading is a value of its own. */
export function entryItem({ metadata = {}, createdAt }: Pick<Principle, 'metadata' | 'createdAt'>): Item {
  const { namespace, key, updatedAt, parts } = JSON.parse(metadata['item']!) as {
    readonly namespace: string[];
    readonly key: string;
    readonly updatedAt: number;
    readonly parts: number;
  };
  const json = Array.from({ length: parts }, (_, at) => metadata[`value${at}`]).join('');
  const value = JSON.parse(json) as Record<string, unknown>;
  return { value, key, namespace, createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) };
}

/** @throws {InputError} `VALUE_INVALID` for what JSON has no form of. */
export function jsonOf(value: unknown, key: string): string {
  let json: string | undefined;
  let cause: unknown;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (json !== undefined) return json;
  throw new InputError({
    code: 'VALUE_INVALID',
    message: `The value under '${key}' has no form in JSON.`,
    hint: 'Store plain objects of texts, numbers, truths and lists.',
    cause,
  });
}
