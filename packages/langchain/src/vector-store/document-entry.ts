import { Document } from '@langchain/core/documents';
import { InputError, type BankEntry } from '@skillrl/core';

import { entryItem, itemEntry, jsonOf } from '../store/item-entry.ts';
import { itemId } from '../store/labels.ts';

/** All documents of a bank lie in one namespace of items. */
const namespace = ['documents'];

export type Metadata = Record<string, any>;

export interface KeptDocument {
  readonly document: Document<Metadata> & { readonly id: string };
  /** As it was given; absent in a bank of texts. */
  readonly vector?: Float32Array;
}

export function documentId(id: string): string {
  return itemId(namespace, id);
}

/** A document as an entry of the bank. One with a vector is found by it alone, one without by its text. */
export function documentEntry(bank: string, { document, vector }: KeptDocument, before: BankEntry | undefined) {
  const { id, pageContent, metadata } = document;
  const kept = { pageContent, metadata, ...(vector !== undefined && { vector: base64Of(vector) }) };
  const updatedAt = Date.now();
  return itemEntry(bank, {
    namespace,
    key: id,
    json: jsonOf(kept, id),
    text: vector === undefined ? pageContent.trim() : '',
    createdAt: before?.createdAt ?? updatedAt,
    updatedAt,
    version: (before?.version ?? 0) + 1,
  });
}

export function entryDocument(entry: BankEntry): KeptDocument {
  const { key, value } = entryItem(entry);
  const { pageContent, metadata, vector } = value as {
    readonly pageContent: string;
    readonly metadata: Metadata;
    readonly vector?: string;
  };
  const document = new Document({ id: key, pageContent, metadata }) as KeptDocument['document'];
  return { document, ...(vector !== undefined && { vector: vectorOf(vector) }) };
}

/** @throws {InputError} `VECTOR_INVALID` */
export function checkVector(vector: readonly number[], dimensions: number | undefined, what: string): Float32Array {
  const isRight = vector.length > 0 && (dimensions === undefined || vector.length === dimensions);
  if (isRight && vector.every(Number.isFinite)) return Float32Array.from(vector);
  throw new InputError({
    code: 'VECTOR_INVALID',
    message: `The ${what} must be ${dimensions ?? 'some'} finite numbers; it has ${vector.length} numbers, not all of them good.`,
    hint: 'Vectors of one collection come from one embedding model. Give documents of another one another `name`.',
  });
}

function base64Of(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64');
}

function vectorOf(text: string): Float32Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer, 0, bytes.byteLength / 4);
}
