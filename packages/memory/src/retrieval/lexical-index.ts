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
}

const k1 = 1.2;
const b = 0.75;
/** A term of more documents than this share only ranks what rarer terms found: it says too little to find anything. */
const commonShare = 0.05;
/** Below so many documents every term may find. */
const smallIndex = 5_000;

interface Postings {
  documents: Uint32Array<ArrayBuffer>;
  counts: Uint16Array<ArrayBuffer>;
  length: number;
  /** Documents that still exist. */
  alive: number;
}

// BM25 after Robertson and Zaragoza 2009, with the idf of Lucene, ln(1 + (N − df + ½) / (df + ½)), which is never negative.
export function lexicalIndex(): LexicalIndex {
  const postings = new Map<string, Postings>();
  const numbers = new Map<string, number>();
  const ids: (string | undefined)[] = [];
  const terms: (readonly string[])[] = [];
  let lengths = new Float32Array(64);
  let scores = new Float32Array(64);
  let totalLength = 0;

  const idf = (df: number): number => Math.log(1 + (numbers.size - df + 0.5) / (df + 0.5));
  const alive = (term: string): number => postings.get(term)?.alive ?? 0;

  function remove(id: string): void {
    const number = numbers.get(id);
    if (number === undefined) return;
    numbers.delete(id);
    ids[number] = undefined;
    for (const term of terms[number] ?? []) postings.get(term)!.alive -= 1;
    terms[number] = [];
    totalLength -= lengths[number]!;
  }

  function add(id: string, text: string): void {
    remove(id);
    const number = ids.length;
    ids.push(id);
    numbers.set(id, number);
    lengths = grown(lengths, number + 1);
    scores = grown(scores, number + 1);
    const counts = new Map<string, number>();
    const words = tokenise(text);
    for (const term of words) counts.set(term, (counts.get(term) ?? 0) + 1);
    lengths[number] = words.length;
    totalLength += words.length;
    terms[number] = [...counts.keys()];
    for (const [term, count] of counts) post(term, number, count);
  }

  function post(term: string, number: number, count: number): void {
    let list = postings.get(term);
    if (list === undefined) {
      list = { documents: new Uint32Array(4), counts: new Uint16Array(4), length: 0, alive: 0 };
      postings.set(term, list);
    }
    list.documents = grown(list.documents, list.length + 1);
    list.counts = grown(list.counts, list.length + 1);
    list.documents[list.length] = number;
    list.counts[list.length] = Math.min(count, 65_535);
    list.length += 1;
    list.alive += 1;
  }

  /** Adds the term's share to the scores; documents that had none are noted in `touched` when the term may find. */
  function accumulate(list: Postings, mayFind: boolean, touched: number[], averageLength: number): void {
    const weight = idf(list.alive);
    const { documents, counts } = list;
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
      const averageLength = totalLength / Math.max(1, numbers.size) || 1;
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
      const has = new Set(terms[number]);
      let all = 0;
      let covered = 0;
      for (const term of wanted) {
        const weight = idf(alive(term));
        all += weight;
        if (has.has(term)) covered += weight;
      }
      return all === 0 ? 0 : covered / all;
    },
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
