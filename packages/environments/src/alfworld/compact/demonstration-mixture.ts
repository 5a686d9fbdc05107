import type { DemonstrationForm } from './draw-guidance.ts';

/**
 * Share of the words of all demonstrations that each form should have. By words, not by episodes: an episode with a fact is a third as long
 * as one without, and by episodes the forms would be outweighed by searching.
 */
export const wordShares: Readonly<Record<DemonstrationForm, number>> = {
  none: 0.3,
  facts: 0.22,
  order: 0.15,
  earlier: 0.13,
  procedure: 0.12,
  avoid: 0.08,
};

/** Counts words by form and says which form is furthest behind its share. */
export interface Mixture {
  /** The forms of the mixture, the one furthest behind first. */
  neediest(): DemonstrationForm[];
  add(form: DemonstrationForm, words: number): void;
  readonly words: Readonly<Record<DemonstrationForm, number>>;
}

/** @param forms - what the mixture is of, each with its share of `shares`; default all of them. */
export function createMixture(
  forms: readonly DemonstrationForm[] = Object.keys(wordShares) as DemonstrationForm[],
  shares: Readonly<Record<DemonstrationForm, number>> = wordShares,
): Mixture {
  const words = Object.fromEntries(Object.keys(shares).map((form) => [form, 0])) as Record<DemonstrationForm, number>;
  return {
    words,
    neediest: () => [...forms].sort((one, other) => words[one] / shares[one] - words[other] / shares[other]),
    add: (form, count) => {
      words[form] += count;
    },
  };
}
