import { readFileSync } from 'node:fs';

import type { BankEntry, Episode, EpisodeEvent, Task } from '@skillrl/core';
import { aLesson, aPrinciple, episodeEvents } from '@skillrl/testing';

/** A skill, and how one may ask for it: with hardly one of its words, and with a few of them. */
export interface Paraphrase {
  readonly text: string;
  readonly paraphrase: string;
  readonly keywords: string;
}

/** The skills written by hand for choosing (`development`) and for reporting (`test`). */
export function paraphrases(): Record<'development' | 'test', readonly Paraphrase[]> {
  return read('../../drivers/src/embedders/fixtures/paraphrases.json') as Record<'development' | 'test', Paraphrase[]>;
}

const streets = ['elm', 'oak', 'ash', 'fir', 'yew', 'bay'];

/** The recorded episodes of houses, once for each of six streets, so that a bank has families enough. */
export function streetEpisodes(): EpisodeEvent[] {
  const { episodes } = read('../../memory/src/fixtures/house-episodes.json') as { episodes: Episode[] };
  return streets.flatMap((street, block) =>
    episodes.flatMap((episode, position) =>
      episodeEvents({
        ...episode,
        id: `${episode.id}@${street}`,
        task: onStreet(episode.task, street),
        tags: { namespace: 'default' },
        startedAt: 1_000_000 * block + 1_000 * (position + 1),
        outcome: episode.outcome ?? null,
        end: episode.end ?? null,
      }),
    ),
  );
}

/** 200 tasks: those of the recorded episodes on four streets and somewhere new, and questions for the skills. */
export function recordedTasks(): Task[] {
  const { episodes } = read('../../memory/src/fixtures/house-episodes.json') as { episodes: Episode[] };
  const played = [...streets.slice(0, 4), 'new'].flatMap((street) =>
    episodes.map(({ task }) => onStreet(task, street)),
  );
  const { development, test } = paraphrases();
  const asked = [...development, ...test].flatMap(({ paraphrase, keywords }, position) => [
    question(`paraphrase-${position}`, paraphrase),
    question(`keywords-${position}`, keywords),
  ]);
  return [...played, ...asked].slice(0, 200);
}

/** The skills as entries: lessons and principles that hold everywhere, every third for one environment only. */
export function skillEntries(namespace = 'default'): BankEntry[] {
  const { development, test } = paraphrases();
  return [...development, ...test].map(({ text }, position) => {
    const shared = {
      id: `skill-${String(position).padStart(3, '0')}`,
      namespace,
      title: text.slice(0, 60),
      scope: position % 4 === 0 ? ('general' as const) : ('task' as const),
      conditions: position % 3 === 0 ? { environments: ['user'] } : undefined,
    };
    const body = { principle: text, appliesWhen: text.split(' ').slice(-5).join(' ') };
    if (position % 2 === 0) return aPrinciple({ ...shared, body });
    return aLesson({
      ...shared,
      body: { ...body, pointOfFailure: 'It was left out.', flawedDecision: 'Going on.', correction: text },
    });
  });
}

function question(id: string, instruction: string): Task {
  return { id, environment: 'user', instruction, domainKind: 'convergent' };
}

function onStreet(task: Task, street: string): Task {
  return { ...task, id: `${task.id}@${street}`, family: `${task.family}-${street}` };
}

function read(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}
