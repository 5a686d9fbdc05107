import type { Columns, ColumnReader } from './columns.ts';

/** The documents of one term, in the order of their numbers. */
export interface Postings {
  /** The term's own number. */
  readonly number: number;
  documents: Uint32Array<ArrayBuffer>;
  counts: Uint16Array<ArrayBuffer>;
  /** How many places of `documents` and `counts` are in use; those are never changed. */
  length: number;
  /** Documents that still exist. */
  alive: number;
}

/** What a lexical index holds. Arrays only grow at their end, but for `ids`, where a document that is gone leaves a gap. */
export interface LexicalState {
  readonly postings: Map<string, Postings>;
  readonly byNumber: Postings[];
  /** Number of each living document. */
  readonly numbers: Map<string, number>;
  /** Id of each document ever added, by its number. */
  readonly ids: (string | undefined)[];
  /** Length of each document in terms, with repetition. */
  lengths: Uint32Array<ArrayBuffer>;
  /** Numbers of the terms of each document, document after document. */
  documentTerms: Uint32Array<ArrayBuffer>;
  /** Where a document's terms end in `documentTerms`; they begin where those of the document before end. */
  termEnds: Uint32Array<ArrayBuffer>;
  /** Sum of the lengths of the living documents. */
  totalLength: number;
}

/** The state as columns; later changes of the state do not change them. */
export function lexicalColumns(state: LexicalState): Columns {
  const { postings, byNumber, ids } = state;
  const total = byNumber.reduce((sum, { length }) => sum + length, 0);
  const documents = new Uint32Array(total);
  const counts = new Uint16Array(total);
  const ends = new Uint32Array(byNumber.length);
  let end = 0;
  for (const list of byNumber) {
    documents.set(list.documents.subarray(0, list.length), end);
    counts.set(list.counts.subarray(0, list.length), end);
    end += list.length;
    ends[list.number] = end;
  }
  return {
    ids: ids.map((id) => id ?? null),
    lengths: state.lengths.subarray(0, ids.length),
    documentTerms: state.documentTerms.subarray(0, state.termEnds[ids.length - 1] ?? 0),
    termEnds: state.termEnds.subarray(0, ids.length),
    terms: [...postings.keys()],
    documents,
    counts,
    ends,
    alive: Uint32Array.from(byNumber, ({ alive }) => alive),
  };
}

/**
 * The state that columns hold, or an empty one. Postings stay windows on the columns until they grow.
 *
 * @throws {RangeError} when the columns do not fit together.
 */
export function lexicalState(saved?: ColumnReader): LexicalState {
  if (saved === undefined) return emptyState();
  const ids = saved.texts('ids').map((id) => id ?? undefined);
  const terms = saved.texts('terms');
  const ends = saved.numbers('ends', 'u32', terms.length);
  const total = ends.at(-1) ?? 0;
  const documents = saved.numbers('documents', 'u32', total);
  const counts = saved.numbers('counts', 'u16', total);
  const alive = saved.numbers('alive', 'u32', terms.length);
  const termEnds = saved.numbers('termEnds', 'u32', ids.length);
  const lengths = saved.numbers('lengths', 'u32', ids.length);
  const postings = new Map<string, Postings>();
  const byNumber: Postings[] = [];
  let start = 0;
  for (const [number, term] of terms.entries()) {
    const end = ends[number]!;
    const list: Postings = {
      number,
      documents: documents.subarray(start, end),
      counts: counts.subarray(start, end),
      length: end - start,
      alive: alive[number]!,
    };
    postings.set(term!, list);
    byNumber.push(list);
    start = end;
  }
  const numbers = new Map<string, number>();
  let totalLength = 0;
  for (const [number, id] of ids.entries()) {
    if (id === undefined) continue;
    numbers.set(id, number);
    totalLength += lengths[number]!;
  }
  const documentTerms = saved.numbers('documentTerms', 'u32', termEnds.at(-1) ?? 0);
  return { postings, byNumber, numbers, ids, lengths, documentTerms, termEnds, totalLength };
}

function emptyState(): LexicalState {
  return {
    postings: new Map(),
    byNumber: [],
    numbers: new Map(),
    ids: [],
    lengths: new Uint32Array(64),
    documentTerms: new Uint32Array(64),
    termEnds: new Uint32Array(64),
    totalLength: 0,
  };
}
