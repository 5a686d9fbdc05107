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
  /** No document ever had the term more often; Infinity where that is more than can be counted. */
  most: number;
}

/** A term's count in one document goes no higher. */
const mostCounted = 65_535;

/** Number of the group of documents that are gone. */
export const gone = 0;

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
  /** Numbers of the terms of each document in the order of its text, with repetition, document after document. */
  documentTerms: Uint32Array<ArrayBuffer>;
  /** Where a document's terms end in `documentTerms`; they begin where those of the document before end. */
  termEnds: Uint32Array<ArrayBuffer>;
  /** Number of each document's group. */
  groups: Uint32Array<ArrayBuffer>;
  /** Names of the groups; the first is that of documents that are gone. */
  readonly groupNames: string[];
  readonly groupNumbers: Map<string, number>;
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
    groups: state.groups.slice(0, ids.length),
    groupNames: [...state.groupNames],
    documentTerms: state.documentTerms.subarray(0, state.termEnds[ids.length - 1] ?? 0),
    termEnds: state.termEnds.subarray(0, ids.length),
    terms: [...postings.keys()],
    documents,
    counts,
    ends,
    alive: Uint32Array.from(byNumber, ({ alive }) => alive),
    most: Uint16Array.from(byNumber, ({ most }) => Math.min(most, mostCounted)),
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
  const most = saved.numbers('most', 'u16', terms.length);
  const termEnds = saved.numbers('termEnds', 'u32', ids.length);
  const lengths = saved.numbers('lengths', 'u32', ids.length);
  const groupNames = saved.texts('groupNames').map((name) => name ?? '');
  const groupNumbers = new Map(groupNames.slice(1).map((name, at) => [name, at + 1]));
  const groups = saved.numbers('groups', 'u32', ids.length);
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
      most: most[number]! < mostCounted ? most[number]! : Infinity,
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
  return {
    postings,
    byNumber,
    numbers,
    ids,
    lengths,
    groups,
    groupNames,
    groupNumbers,
    documentTerms,
    termEnds,
    totalLength,
  };
}

/** Adds a document under the next number. Its id must not be there. @param terms - in the order of its text. */
export function appendDocument(state: LexicalState, id: string, group: string, terms: readonly string[]): void {
  const number = state.ids.push(id) - 1;
  state.numbers.set(id, number);
  state.lengths = grown(state.lengths, number + 1);
  state.groups = grown(state.groups, number + 1);
  state.termEnds = grown(state.termEnds, number + 1);
  state.lengths[number] = terms.length;
  state.totalLength += terms.length;
  state.groups[number] = groupNumber(state, group);
  let end = state.termEnds[number - 1] ?? 0;
  state.documentTerms = grown(state.documentTerms, end + terms.length);
  for (const term of terms) {
    const list = postingsOf(state, term);
    state.documentTerms[end++] = list.number;
    const last = list.length - 1;
    if (list.length > 0 && list.documents[last] === number) {
      if (list.counts[last]! < mostCounted) list.counts[last]! += 1;
      list.most = Math.max(list.most, list.counts[last]! < mostCounted ? list.counts[last]! : Infinity);
      continue;
    }
    list.documents = grown(list.documents, list.length + 1);
    list.counts = grown(list.counts, list.length + 1);
    list.documents[list.length] = number;
    list.counts[list.length] = 1;
    list.length += 1;
    list.alive += 1;
  }
  state.termEnds[number] = end;
}

/** The number of a group's name; a name that is not known gets the next one. */
export function groupNumber({ groupNumbers, groupNames }: LexicalState, name: string): number {
  let number = groupNumbers.get(name);
  if (number === undefined) {
    number = groupNames.push(name) - 1;
    groupNumbers.set(name, number);
  }
  return number;
}

/** The living documents alone, in their order. */
export function compacted(state: LexicalState): LexicalState {
  const anew = emptyState();
  const names = [...state.postings.keys()];
  for (const [id, number] of state.numbers) {
    const terms = state.documentTerms.subarray(state.termEnds[number - 1] ?? 0, state.termEnds[number]);
    const group = state.groupNames[state.groups[number]!]!;
    appendDocument(
      anew,
      id,
      group,
      Array.from(terms, (term) => names[term]!),
    );
  }
  return anew;
}

function postingsOf({ postings, byNumber }: LexicalState, term: string): Postings {
  let list = postings.get(term);
  if (list === undefined) {
    const number = byNumber.length;
    list = { number, documents: new Uint32Array(2), counts: new Uint16Array(2), length: 0, alive: 0, most: 1 };
    postings.set(term, list);
    byNumber.push(list);
  }
  return list;
}

type Numbers = Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** The array itself, or a longer copy when it is shorter than `length`. */
function grown<Kind extends Numbers>(numbers: Kind, length: number): Kind {
  if (length <= numbers.length) return numbers;
  const larger = new (numbers.constructor as new (length: number) => Kind)(Math.max(length, numbers.length * 2));
  larger.set(numbers);
  return larger;
}

function emptyState(): LexicalState {
  return {
    postings: new Map(),
    byNumber: [],
    numbers: new Map(),
    ids: [],
    lengths: new Uint32Array(64),
    groups: new Uint32Array(64),
    groupNames: [''],
    groupNumbers: new Map(),
    documentTerms: new Uint32Array(64),
    termEnds: new Uint32Array(64),
    totalLength: 0,
  };
}
