import { InputError, type Episode, type EpisodeStore } from '@skillrl/core';

import type { DistillationLog } from './distillation-log.ts';
import type { Distiller } from './distiller.ts';
import { knowledgeCounting } from './knowledge/knowledge-of.ts';
import { wordEvidence } from './made-up-words.ts';
import { classOf } from './names.ts';
import { promotionOf, type Doubts } from './promotion.ts';
import { readTrace } from './trace.ts';

/** An episode that at least one distiller has not seen as it is now. */
export interface PendingEpisode {
  readonly id: string;
  readonly outcome: 'success' | 'failure';
  /** How many episodes were read before it. */
  readonly position: number;
  /** Names of the distillers that are to see it, each with the key under which the log will hold it. */
  readonly keys: ReadonlyMap<string, string>;
}

export interface Skipped {
  /** Distilled before, and unchanged since. */
  readonly already: number;
  /** Played for another purpose than training. */
  readonly purpose: number;
  readonly unfinished: number;
  /** Finished without an outcome: neither a success nor a failure. */
  readonly unknown: number;
  readonly truncated: number;
  readonly errored: number;
  /** Succeeded by a shortcut, which is no example and no failure to compare. */
  readonly shortcut: number;
}

export interface Pending {
  /** Successes first, so that failures can be compared with them; each in the order in which the episodes were read. */
  readonly queue: readonly PendingEpisode[];
  readonly skipped: Skipped;
  /** How many episodes were looked at. */
  readonly read: number;
  /** Classes of things that any of the episodes saw. */
  readonly knownObjects: ReadonlySet<string>;
  /** Words that ask for nothing special, or mean the same in every one of several families. */
  readonly ordinaryWords: ReadonlySet<string>;
}

/** So many families must agree before a word counts as language rather than as a rule of one of them. */
const agreeingFamilies = 4;

/** Reads which episodes are to be distilled. Keeps ids only: the episodes themselves may be more than memory holds. */
export async function readPending(
  store: EpisodeStore,
  log: DistillationLog,
  distillers: readonly Pick<Distiller, 'name' | 'version' | 'from'>[],
  filter: {
    readonly namespace: string;
    readonly episodeIds?: readonly string[];
    readonly tags?: Readonly<Record<string, string>>;
    readonly doubts?: (episode: Episode) => Doubts;
    readonly signal?: AbortSignal;
  },
): Promise<Pending> {
  const skipped = { already: 0, purpose: 0, unfinished: 0, unknown: 0, truncated: 0, errored: 0, shortcut: 0 };
  const queue: PendingEpisode[] = [];
  const knownObjects = new Set<string>();
  const words: Words = { meanings: new Map(), plain: new Set() };
  let read = 0;
  for await (const episode of chosen(store, filter)) {
    filter.signal?.throwIfAborted();
    read += 1;
    const reason = whyNot(episode, filter.doubts?.(episode));
    if (reason !== undefined) {
      skipped[reason] += 1;
      continue;
    }
    learnWords(episode, knownObjects, words);
    const outcome = episode.outcome?.status === 'success' ? 'success' : 'failure';
    const done = await log.done(episode.id);
    const keys = new Map<string, string>();
    for (const distiller of [...distillers.filter(({ from }) => from === outcome), knowledgeCounting]) {
      const key = log.key(episode, distiller);
      if (!done.has(key)) keys.set(distiller.name, key);
    }
    if (keys.size === 0) skipped.already += 1;
    else queue.push({ id: episode.id, outcome, position: read - 1, keys });
  }
  return {
    queue: [
      ...queue.filter(({ outcome }) => outcome === 'success'),
      ...queue.filter(({ outcome }) => outcome === 'failure'),
    ],
    skipped,
    read,
    knownObjects,
    ordinaryWords: ordinary(words),
  };
}

async function* chosen(
  store: EpisodeStore,
  {
    namespace,
    episodeIds,
    tags,
  }: {
    readonly namespace: string;
    readonly episodeIds?: readonly string[];
    readonly tags?: Readonly<Record<string, string>>;
  },
): AsyncIterable<Episode> {
  if (episodeIds === undefined) {
    for await (const episode of store.episodes({ tags })) if (mayLearn(episode, namespace)) yield episode;
    return;
  }
  for (const id of new Set(episodeIds)) {
    const episode = await store.episode(id);
    if (episode === undefined || !mayLearn(episode, namespace)) {
      throw new InputError({
        code: 'EPISODE_UNKNOWN',
        message: `There is no episode '${id}' to learn from.`,
        hint: 'It may have been forgotten; list the episodes that are there.',
      });
    }
    if (episode.purpose !== 'train') {
      throw new InputError({
        code: 'PURPOSE_FORBIDDEN',
        message: `The episode '${id}' was played for '${episode.purpose}': learning from it would spoil what it measures.`,
        hint: 'Learn from episodes whose purpose is train.',
      });
    }
    yield episode;
  }
}

/** What another tenant's agent went through is not for this one, and not even known to it; what has no owner is for whoever reads the log. */
function mayLearn({ tags }: Episode, namespace: string): boolean {
  return tags['namespace'] === undefined || tags['namespace'] === namespace;
}

function whyNot(episode: Episode, doubts: Doubts | undefined): Exclude<keyof Skipped, 'already'> | undefined {
  const { purpose, end, outcome } = episode;
  if (purpose !== 'train') return 'purpose';
  if (end === undefined) return 'unfinished';
  const promotion = promotionOf(episode, doubts);
  if (promotion.becomes === 'lesson' && promotion.about === 'shortcut') return 'shortcut';
  if (promotion.becomes !== 'none') return undefined;
  if (outcome === undefined) return 'unknown';
  if (outcome.status === 'truncated' || outcome.status === 'errored') return outcome.status;
  return end === 'truncated' ? 'truncated' : 'errored';
}

interface Words {
  /** Meanings by word and family, as single successes show them. */
  readonly meanings: Map<string, Map<string, string>>;
  /** Words that some success needed no treatment for. */
  readonly plain: Set<string>;
}

function learnWords(episode: Episode, objects: Set<string>, { meanings, plain }: Words): void {
  const trace = readTrace(episode);
  for (const name of trace.found.keys()) objects.add(classOf(name));
  const { family, environment } = episode.task;
  const evidence = wordEvidence(trace, episode);
  if (evidence === undefined || family === undefined) return;
  const { word, oneOf = [], isPlain } = evidence;
  if (isPlain) plain.add(word);
  const [means, ...others] = oneOf;
  if (means === undefined || others.length > 0) return;
  const inFamilies = meanings.get(word) ?? new Map<string, string>();
  const where = `${environment} ${family}`;
  const known = inFamilies.get(where);
  meanings.set(word, inFamilies.set(where, known === undefined || known === means ? means : `${known} | ${means}`));
}

function ordinary({ meanings, plain }: Words): Set<string> {
  const agreed = [...meanings].filter(
    ([, inFamilies]) => inFamilies.size >= agreeingFamilies && new Set(inFamilies.values()).size === 1,
  );
  return new Set([...plain, ...agreed.map(([word]) => word)]);
}
