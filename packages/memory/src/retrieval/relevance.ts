import type { Found } from './find-entries.ts';

/**
 * What a relevance is made of; the parts add up to it.
 *
 * The lexical half never stands alone against the dense one: words that are found count for as much of the query as they cover, for in a
 * paraphrase they are noise.
 */
export interface RelevanceParts {
  /** The cosine of query and entry, 0 at the least; 0 where there is none. */
  readonly meaning: number;
  /** 0.15 × coverage beside a cosine; the coverage itself where there is none. */
  readonly words: number;
  /** What lifts an entry, whose machine form is about something that the task names, to 0.6. */
  readonly named: number;
  /** For an entry of the task's own family. */
  readonly family: number;
  /** What cuts a lesson about something else, that happens to know a useful fact, to 0.5: ≤ 0. */
  readonly offTopic: number;
}

/** What a covered query adds to a cosine. Measured (storage notes, §9): .1 to .2 lose nothing on paraphrases, .4 does. */
const coverageWeight = 0.15;
/** The least relevance of an entry whose machine form is about something that the task names. */
const namedRelevance = 0.6;
/** The most relevance of a lesson about something else that happens to know a useful fact. */
const offTopicRelevance = 0.5;
/** What an entry of the task's own family gains over a general one. */
const familyBonus = 0.15;

/** How sure it is that an entry speaks about the query, by what both halves of the search say. */
export function relevanceOf({ similarity, coverage }: Pick<Found, 'similarity' | 'coverage'>): number {
  return similarity === undefined ? coverage : Math.max(0, similarity) + coverageWeight * coverage;
}

/** What an entry is beside what was found of it. */
export interface Standing {
  /** A principle whose machine form is about something that the task names. */
  readonly isNamed: boolean;
  /** It is of the task's own family. */
  readonly isLocal: boolean;
  /** A lesson about something else that happens to know a useful fact. */
  readonly isOffTopic: boolean;
}

export function relevanceParts(found: Pick<Found, 'similarity' | 'coverage'>, standing?: Standing): RelevanceParts {
  const meaning = Math.max(0, found.similarity ?? 0);
  const words = found.similarity === undefined ? found.coverage : coverageWeight * found.coverage;
  const base = relevanceOf(found);
  const { isNamed = false, isLocal = false, isOffTopic = false } = standing ?? {};
  if (isOffTopic) {
    return { meaning, words, named: 0, family: 0, offTopic: Math.min(0, offTopicRelevance - base) };
  }
  const named = isNamed ? Math.max(0, namedRelevance - base) : 0;
  return { meaning, words, named, family: isLocal ? familyBonus : 0, offTopic: 0 };
}

export function sumOf({ meaning, words, named, family, offTopic }: RelevanceParts): number {
  return meaning + words + named + family + offTopic;
}

/** The most that the relevance of what was found can come to. */
export function mostRelevance(found: Pick<Found, 'similarity' | 'coverage'>, mayBeNamed: boolean): number {
  const base = relevanceOf(found);
  return (mayBeNamed ? Math.max(base, namedRelevance) : base) + familyBonus;
}
