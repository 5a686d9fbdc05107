import type { Episode } from '@skillrl/core';
import { seededRandom } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { houseEpisodes, pickOne } from '../../test-support/house-episodes.ts';
import { mutated, validDraft, type Mutation } from '../../test-support/lesson-drafts.ts';
import type { LessonDraft } from './lesson-draft.ts';
import { classOf } from './names.ts';
import { readTrace } from './trace.ts';
import { validateLesson } from './validate-lesson.ts';

const failures = houseEpisodes().filter(({ outcome }) => outcome?.status === 'failure');
const knownObjects = new Set(houseEpisodes().flatMap((episode) => [...readTrace(episode).found.keys()].map(classOf)));
const faultsOf = (draft: LessonDraft, episode: Episode): string[] => validateLesson(draft, episode, { knownObjects });

describe('1,000 lessons, each made untrue in one place', () => {
  const counts = new Map<Mutation, { made: number; rejected: number }>();
  const missed: string[] = [];
  const random = seededRandom(20_261_123);
  const mutations: readonly Mutation[] = ['wrong step', 'invented action', 'swapped object'];
  for (let made = 0; made < 1_000;) {
    const episode = pickOne(random, failures);
    const others = failures.filter(({ id }) => id !== episode.id);
    const mutation = mutations[made % 3]!;
    const draft = mutated(validDraft(episode, random), mutation, episode, others, random);
    if (draft === undefined) continue;
    made += 1;
    const count = counts.get(mutation) ?? { made: 0, rejected: 0 };
    const isRejected = faultsOf(draft, episode).length > 0;
    counts.set(mutation, { made: count.made + 1, rejected: count.rejected + Number(isRejected) });
    if (!isRejected) missed.push(`${mutation}: ${JSON.stringify(draft)}`);
  }

  it('rejects at least 99 % of them', () => {
    // Whatever is missed beyond 1 % is shown.
    expect(missed.slice(10)).toEqual([]);
  });

  it.each(mutations)('rejects at least 98 % of those with a %s', (mutation) => {
    const { made, rejected } = counts.get(mutation)!;
    expect(made).toBeGreaterThan(300);
    expect(rejected / made).toBeGreaterThanOrEqual(0.98);
  });
});

it('rejects at most 2 % of 1,000 lessons that hold', () => {
  const random = seededRandom(7);
  const rejected: string[] = [];
  for (let made = 0; made < 1_000; made += 1) {
    const episode = pickOne(random, failures);
    const draft = validDraft(episode, random);
    const faults = faultsOf(draft, episode);
    if (faults.length > 0) rejected.push(`${faults.join(' ')} ${JSON.stringify(draft)}`);
  }
  expect(rejected.slice(20)).toEqual([]);
});
