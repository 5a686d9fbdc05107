import type { Columns, ColumnReader } from './columns.ts';
import {
  appendDocument,
  compacted,
  gone,
  groupNumber,
  lexicalColumns,
  lexicalState,
  type Postings,
} from './lexical-state.ts';
import { tokenise } from './tokenise.ts';

export interface LexicalHit {
  readonly id: string;
  /** BM25; only comparable within one search. */
  readonly score: number;
}

export interface LexicalSearchOptions {
  /** How many hits at the most. */
  readonly limit: number;
  /**
   * Keeps only groups it returns true for. Asked once for each distinct group that ever had a document, and not again by a later search with
   * the same function.
   */
  readonly filter?: (group: string) => boolean;
}

/** What the index knows of a query's term. */
export interface LexicalTerm {
  readonly term: string;
  /** How many documents have it. */
  readonly documents: number;
  /** False for a term of so many documents that it only ranks what others find. */
  readonly finds: boolean;
}

/**
 * An inverted index with BM25 scores. Documents are numbered as they come; postings are typed arrays that grow by doubling; scores add up in
 * one array that is reused between searches. A removed document leaves its postings behind until half of them are such: then the index is
 * made anew from what is left.
 */
export interface LexicalIndex {
  readonly size: number;
  /** Share of documents in the postings that are gone, in [0, 1). */
  readonly waste: number;
  /** Adds a document; an id that is already there is replaced. @param group - what filters decide by. Default `''`. */
  add(id: string, text: string, group?: string): void;
  /** Moves a document to another group; an unknown id is ignored. */
  regroup(id: string, group: string): void;
  remove(id: string): void;
  /** @returns hits by falling score, ties by id. */
  search(query: string, options: LexicalSearchOptions): LexicalHit[];
  /**
   * How much of the query each document covers: the idf of the query's terms that it has, as a share of the idf of all of them, in [0, 1]. A
   * compound that no document has as a whole counts by its parts only.
   */
  coverage(query: string, ids: readonly string[]): number[];
  /** The query's terms, each once, the rarest first. */
  terms(query: string): LexicalTerm[];
  /** The index as it is now, to be opened again; later changes of the index do not change it. */
  save(): Columns;
}

const k1 = 1.2;
const b = 0.75;
/** A term of more documents than this share only ranks what rarer terms found: it says too little to find anything. */
const commonShare = 0.05;
/** Below so many documents every term may find. */
const smallIndex = 5_000;
/** The index is not made anew for fewer documents that are gone. */
const leastGone = 64;

/**
 * BM25 after Robertson and Zaragoza 2009, with the idf of Lucene, ln(1 + (N − df + ½) / (df + ½)), which is never negative. Whatever scores
 * depend on is counted in whole numbers, so that an index which lived through all changes scores as one built anew.
 *
 * @param saved - what `save` gave, to go on from. Default: an empty index. @throws {RangeError} when it is not whole.
 */
export function lexicalIndex(saved?: ColumnReader): LexicalIndex {
  let state = lexicalState(saved);
  let scores = new Float32Array(state.lengths.length);
  let touched = new Uint32Array(state.lengths.length);
  let places = new Uint16Array(state.byNumber.length);

  const answers = new WeakMap<
    (group: string) => boolean,
    { readonly groupNames: readonly string[]; readonly allowed: Uint8Array }
  >();

  const idf = (df: number): number => Math.log(1 + (state.numbers.size - df + 0.5) / (df + 0.5));

  function remove(id: string): void {
    const number = state.numbers.get(id);
    if (number === undefined) return;
    state.numbers.delete(id);
    state.ids[number] = undefined;
    state.groups[number] = gone;
    for (const term of new Set(termsOf(number))) state.byNumber[term]!.alive -= 1;
    state.totalLength -= state.lengths[number]!;
    const gonePlaces = state.ids.length - state.numbers.size;
    if (gonePlaces > leastGone && gonePlaces > state.numbers.size) state = compacted(state);
  }

  /** Numbers of a document's terms, with repetition. */
  function termsOf(number: number): Uint32Array {
    return state.documentTerms.subarray(startOf(number), state.termEnds[number]);
  }

  function startOf(number: number): number {
    return number === 0 ? 0 : state.termEnds[number - 1]!;
  }

  /** Terms that some document has, the rarest first: those that find, then those that only rank. */
  function planned(query: string): { readonly finding: Postings[]; readonly ranking: Postings[] } {
    const lists = [...new Set(tokenise(query))]
      .map((term) => state.postings.get(term))
      .filter((list) => list !== undefined && list.alive > 0) as Postings[];
    lists.sort((one, other) => one.alive - other.alive);
    // The rarest term always finds, however common it is.
    const finds = lists.filter((list, rank) => rank === 0 || !isCommon(list.alive));
    return { finding: finds, ranking: lists.slice(finds.length) };
  }

  /** The query's terms with their idf. A compound that nobody wrote as a whole is left to its parts. */
  function weighed(query: string): { term: string; list: Postings | undefined; weight: number }[] {
    const wholes = new Set<string>();
    const terms = new Set(tokenise(query, { wholes }));
    return [...terms]
      .map((term) => ({ term, list: state.postings.get(term) }))
      .filter(({ term, list }) => (list?.alive ?? 0) > 0 || !wholes.has(term))
      .map(({ term, list }) => ({ term, list, weight: idf(list?.alive ?? 0) }));
  }

  function isCommon(df: number): boolean {
    return state.numbers.size > smallIndex && df > commonShare * state.numbers.size;
  }

  /** Adds the term's share to the scores of its documents. @returns how many documents are touched now. */
  function find(list: Postings, allowed: Uint8Array, count: number): number {
    const { lengths, groups } = state;
    const { documents, counts, length } = list;
    const [weight, least, perTerm] = formula(list);
    let size = count;
    for (let at = 0; at < length; at += 1) {
      const number = documents[at]!;
      const score = scores[number]!;
      if (score === 0) {
        if (allowed[groups[number]!] === 0) continue;
        touched[size++] = number;
      }
      const frequency = counts[at]!;
      scores[number] = score + (weight * frequency) / (frequency + least + perTerm * lengths[number]!);
    }
    return size;
  }

  /** Constants of a term's BM25: idf · (k1 + 1), and its length norm as a line. */
  function formula({ alive }: Postings): readonly [weight: number, least: number, perTerm: number] {
    const averageLength = state.totalLength / Math.max(1, state.numbers.size) || 1;
    return [idf(alive) * (k1 + 1), k1 * (1 - b), (k1 * b) / averageLength];
  }

  /**
   * Adds the shares of common terms to those of the first `count` touched documents that may still be among the best: read from the documents,
   * of which there are few, and not from the postings, which are long. The best so far come first: what the others would need is known then,
   * and most of them cannot come to it. @returns how many documents may; they come first in `touched`.
   */
  function rank(lists: readonly Postings[], count: number, limit: number): number {
    const placeOf = placesOf(lists);
    const formulas = lists.map(formula);
    const frequencies = new Uint32Array(lists.length + 1);
    const { lengths, termEnds, documentTerms } = state;
    const add = (number: number): void => {
      frequencies.fill(0);
      const end = termEnds[number]!;
      for (let term = startOf(number); term < end; term += 1) frequencies[placeOf[documentTerms[term]!]!]! += 1;
      for (let place = 0; place < lists.length; place += 1) {
        const frequency = frequencies[place + 1]!;
        if (frequency === 0) continue;
        const [weight, norm, perTerm] = formulas[place]!;
        scores[number] = scores[number]! + (weight * frequency) / (frequency + norm + perTerm * lengths[number]!);
      }
    };
    /** More than the lists can add to a document of a length. */
    const mostAt = (length: number): number => {
      let most = 0;
      for (const [place, [weight, norm, perTerm]] of formulas.entries()) {
        const frequency = Math.min(length, lists[place]!.most);
        most += (weight * frequency) / (frequency + norm + perTerm * length);
      }
      return most;
    };

    const best = count > limit ? bestOf(count, limit) : touched.slice(0, count);
    let least = Infinity;
    for (const number of best) {
      add(number);
      least = Math.min(least, scores[number]!);
      // Negative until the others were looked at: this one is ranked.
      scores[number] = -scores[number]!;
    }
    // A little less, for sums of single-precision numbers.
    least *= 1 - 1e-5;
    /** What a document of a length must have already. */
    const needs: number[] = [];
    let size = 0;
    for (let at = 0; at < count; at += 1) {
      const number = touched[at]!;
      const score = scores[number]!;
      if (score < 0) {
        scores[number] = -score;
      } else {
        const length = lengths[number]!;
        if (score < (needs[length] ??= least - mostAt(length))) {
          scores[number] = 0;
          continue;
        }
        add(number);
      }
      touched[size++] = number;
    }
    for (const { number } of lists) placeOf[number] = 0;
    return size;
  }

  /** The place of each term of the lists in them, from 1, by the term's number; 0 for all other terms. Whoever takes it clears it. */
  function placesOf(lists: readonly Postings[]): Uint16Array {
    if (places.length < state.byNumber.length) places = new Uint16Array(state.byNumber.length * 2);
    for (const [place, { number }] of lists.entries()) places[number] = place + 1;
    return places;
  }

  /** Numbers of the best of the touched documents, by falling score, ties by id. */
  function bestOf(count: number, limit: number): number[] {
    const best: number[] = [];
    let worst = 0;
    for (let at = 0; at < count; at += 1) {
      const number = touched[at]!;
      const score = scores[number]!;
      if (best.length >= limit && score < worst) continue;
      insert(best, number, limit);
      worst = scores[best.at(-1)!]!;
    }
    return best;
  }

  /** Keeps the best `limit` documents in order. */
  function insert(best: number[], number: number, limit: number): void {
    let low = 0;
    let high = best.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBetter(number, best[middle]!)) high = middle;
      else low = middle + 1;
    }
    if (low >= limit) return;
    if (best.length >= limit) best.pop();
    best.splice(low, 0, number);
  }

  function isBetter(one: number, other: number): boolean {
    const [score, than] = [scores[one]!, scores[other]!];
    return score !== than ? score > than : state.ids[one]! < state.ids[other]!;
  }

  function allowedGroups(filter: (group: string) => boolean): Uint8Array {
    const { groupNames } = state;
    const asked = answers.get(filter);
    // Names are only added; an index that was made anew has others.
    if (asked?.groupNames === groupNames && asked.allowed.length === groupNames.length) return asked.allowed;
    const allowed = Uint8Array.from(groupNames, (name, number) => (number !== gone && filter(name) ? 1 : 0));
    answers.set(filter, { groupNames, allowed });
    return allowed;
  }

  return {
    get size() {
      return state.numbers.size;
    },
    get waste() {
      return state.ids.length === 0 ? 0 : 1 - state.numbers.size / state.ids.length;
    },
    add: (id, text, group = '') => {
      remove(id);
      appendDocument(state, id, group, tokenise(text, { withSingles: true }));
    },
    regroup: (id, group) => {
      const number = state.numbers.get(id);
      if (number !== undefined) state.groups[number] = groupNumber(state, group);
    },
    remove,
    search: (query, { limit, filter }) => {
      const { finding, ranking } = planned(query);
      if (finding.length === 0) return [];
      const allowed = allowedGroups(filter ?? allowAll);
      if (scores.length < state.ids.length) {
        scores = new Float32Array(state.lengths.length);
        touched = new Uint32Array(state.lengths.length);
      }
      let count = 0;
      for (const list of finding) count = find(list, allowed, count);
      if (ranking.length > 0) count = rank(ranking, count, limit);
      const hits = bestOf(count, limit).map((number) => ({ id: state.ids[number]!, score: scores[number]! }));
      for (let at = 0; at < count; at += 1) scores[touched[at]!] = 0;
      return hits;
    },
    coverage: (query, ids) => {
      const wanted = weighed(query);
      const all = wanted.reduce((sum, { weight }) => sum + weight, 0);
      if (all === 0) return ids.map(() => 0);
      const known = wanted.filter(({ list }) => list !== undefined);
      const placeOf = placesOf(known.map(({ list }) => list!));
      const has = new Uint8Array(known.length + 1);
      const coverages = ids.map((id) => {
        const number = state.numbers.get(id);
        if (number === undefined) return 0;
        has.fill(0);
        const { documentTerms, termEnds } = state;
        const end = termEnds[number]!;
        for (let term = startOf(number); term < end; term += 1) has[placeOf[documentTerms[term]!]!] = 1;
        let covered = 0;
        for (let place = 0; place < known.length; place += 1) if (has[place + 1] === 1) covered += known[place]!.weight;
        return covered / all;
      });
      for (const { list } of known) placeOf[list!.number] = 0;
      return coverages;
    },
    terms: (query) => {
      const { finding } = planned(query);
      return weighed(query)
        .map(({ term, list }) => ({ term, documents: list?.alive ?? 0, finds: finding.includes(list!) }))
        .toSorted((one, other) => one.documents - other.documents);
    },
    save: () => lexicalColumns(state),
  };
}

function allowAll(): boolean {
  return true;
}
