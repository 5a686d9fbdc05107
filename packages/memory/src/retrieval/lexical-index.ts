import type { Columns, ColumnReader } from './columns.ts';
import { lexicalColumns, lexicalState, type LexicalState, type Postings } from './lexical-state.ts';
import { tokenise } from './tokenise.ts';

export interface LexicalHit {
  readonly id: string;
  /** BM25; only comparable within one search. */
  readonly score: number;
}

/**
 * An inverted index with BM25 scores. Documents are numbered as they come; postings are typed arrays that grow by doubling; scores add up in
 * one array that is reused between searches. A removed document leaves its postings behind until `rebuilt` is cheaper: see `waste`.
 */
export interface LexicalIndex {
  readonly size: number;
  /** Share of documents in the postings that are gone, in [0, 1). */
  readonly waste: number;
  /** Adds a document; an id that is already there is replaced. */
  add(id: string, text: string): void;
  remove(id: string): void;
  /**
   * @param options.filter - asked only for documents that share a term with the query.
   * @returns hits by falling score, ties by id.
   */
  search(query: string, options: { readonly limit: number; readonly filter?: (id: string) => boolean }): LexicalHit[];
  /** How much of the query a document covers: the idf of the query's terms that it has, as a share of the idf of all of them, in [0, 1]. */
  coverage(query: string, id: string): number;
  /** The index as it is now, to be opened again; later changes of the index do not change it. */
  save(): Columns;
}

const k1 = 1.2;
const b = 0.75;
/** A term of more documents than this share only ranks what rarer terms found: it says too little to find anything. */
const commonShare = 0.05;
/** Below so many documents every term may find. */
const smallIndex = 5_000;

/**
 * BM25 after Robertson and Zaragoza 2009, with the idf of Lucene, ln(1 + (N − df + ½) / (df + ½)), which is never negative. Whatever scores
 * depend on is counted in whole numbers, so that an index which lived through all changes scores as one built anew.
 *
 * @param saved - what `save` gave, to go on from. Default: an empty index. @throws {RangeError} when it is not whole.
 */
export function lexicalIndex(saved?: ColumnReader): LexicalIndex {
  const state: LexicalState = lexicalState(saved);
  const { postings, byNumber, numbers, ids } = state;
  let scores = new Float32Array(Math.max(64, ids.length));

  const idf = (df: number): number => Math.log(1 + (numbers.size - df + 0.5) / (df + 0.5));
  const alive = (term: string): number => postings.get(term)?.alive ?? 0;

  function remove(id: string): void {
    const number = numbers.get(id);
    if (number === undefined) return;
    numbers.delete(id);
    ids[number] = undefined;
    for (const term of termsOf(number)) byNumber[term]!.alive -= 1;
    state.totalLength -= state.lengths[number]!;
  }

  function add(id: string, text: string): void {
    remove(id);
    const number = ids.length;
    ids.push(id);
    numbers.set(id, number);
    scores = grown(scores, number + 1);
    const counts = new Map<string, number>();
    const words = tokenise(text);
    for (const term of words) counts.set(term, (counts.get(term) ?? 0) + 1);
    state.lengths = grown(state.lengths, number + 1);
    state.lengths[number] = words.length;
    state.totalLength += words.length;
    let end = state.termEnds[number - 1] ?? 0;
    state.documentTerms = grown(state.documentTerms, end + counts.size);
    for (const [term, count] of counts) state.documentTerms[end++] = post(term, number, count);
    state.termEnds = grown(state.termEnds, number + 1);
    state.termEnds[number] = end;
  }

  /** Numbers of a document's terms, each once. */
  function termsOf(number: number): Uint32Array {
    return state.documentTerms.subarray(state.termEnds[number - 1] ?? 0, state.termEnds[number]);
  }

  /** @returns the term's number. */
  function post(term: string, number: number, count: number): number {
    let list = postings.get(term);
    if (list === undefined) {
      const termNumber = byNumber.length;
      list = { number: termNumber, documents: new Uint32Array(4), counts: new Uint16Array(4), length: 0, alive: 0 };
      postings.set(term, list);
      byNumber.push(list);
    }
    list.documents = grown(list.documents, list.length + 1);
    list.counts = grown(list.counts, list.length + 1);
    list.documents[list.length] = number;
    list.counts[list.length] = Math.min(count, 65_535);
    list.length += 1;
    list.alive += 1;
    return list.number;
  }

  /** Adds the term's share to the scores; documents that had none are noted in `touched` when the term may find. */
  function accumulate(list: Postings, mayFind: boolean, touched: number[], averageLength: number): void {
    const weight = idf(list.alive);
    const { documents, counts } = list;
    const { lengths } = state;
    for (let at = 0; at < list.length; at += 1) {
      const number = documents[at]!;
      const count = counts[at]!;
      if (scores[number] === 0) {
        if (!mayFind || ids[number] === undefined) continue;
        touched.push(number);
      }
      const norm = k1 * (1 - b + (b * lengths[number]!) / averageLength);
      scores[number] = scores[number]! + (weight * count * (k1 + 1)) / (count + norm);
    }
  }

  return {
    get size() {
      return numbers.size;
    },
    get waste() {
      return ids.length === 0 ? 0 : 1 - numbers.size / ids.length;
    },
    add,
    remove,
    search: (query, { limit, filter = () => true }) => {
      const wanted = [...new Set(tokenise(query))].filter((term) => alive(term) > 0);
      const byRarity = wanted.toSorted((one, other) => alive(one) - alive(other));
      const averageLength = state.totalLength / Math.max(1, numbers.size) || 1;
      const touched: number[] = [];
      for (const [rank, term] of byRarity.entries()) {
        const list = postings.get(term)!;
        const isCommon = numbers.size > smallIndex && list.alive > commonShare * numbers.size;
        // The rarest term always finds, however common it is.
        const mayFind = !isCommon || rank === 0;
        if (!mayFind && touched.length === 0) continue;
        accumulate(list, mayFind, touched, averageLength);
      }
      const hits: LexicalHit[] = [];
      try {
        for (const number of touched) {
          const id = ids[number]!;
          if (filter(id)) insert(hits, { id, score: scores[number]! }, limit);
        }
      } finally {
        for (const number of touched) scores[number] = 0;
      }
      return hits;
    },
    coverage: (query, id) => {
      const number = numbers.get(id);
      const wanted = new Set(tokenise(query));
      if (number === undefined || wanted.size === 0) return 0;
      const has = new Set(termsOf(number));
      let all = 0;
      let covered = 0;
      for (const term of wanted) {
        const weight = idf(alive(term));
        all += weight;
        const known = postings.get(term);
        if (known !== undefined && has.has(known.number)) covered += weight;
      }
      return all === 0 ? 0 : covered / all;
    },
    save: () => lexicalColumns(state),
  };
}

/** Keeps the best `limit` hits in order. */
function insert(hits: LexicalHit[], hit: LexicalHit, limit: number): void {
  const last = hits.at(-1);
  if (hits.length >= limit && last !== undefined && isBetter(last, hit)) return;
  let at = hits.length;
  while (at > 0 && isBetter(hit, hits[at - 1]!)) at -= 1;
  hits.splice(at, 0, hit);
  if (hits.length > limit) hits.pop();
}

function isBetter(a: LexicalHit, b: LexicalHit): boolean {
  return a.score !== b.score ? a.score > b.score : a.id < b.id;
}

type Numbers = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** The array itself, or a longer copy when it is shorter than `length`. */
function grown<Kind extends Numbers>(numbers: Kind, length: number): Kind {
  if (length <= numbers.length) return numbers;
  const larger = new (numbers.constructor as new (length: number) => Kind)(Math.max(length, numbers.length * 2));
  larger.set(numbers);
  return larger;
}
