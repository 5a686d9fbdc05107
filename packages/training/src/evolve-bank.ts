import type { BankEntry, Clock, EntryStore, Episode, EpisodeStore } from '@skillrl/core';
import { clusterOf, learn, type Doubts } from '@skillrl/memory';

import type { JudgedRollouts } from './build-batch.ts';
import type { BankEvolution } from './iteration-manifest.ts';
import type { TrainingRecipe } from './recipe.ts';

export interface EvolvePorts {
  readonly entries: EntryStore;
  readonly episodes: EpisodeStore;
  readonly namespace: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/**
 * Learns from what the policy still fails at: failures by cluster, the one with the lowest success rate first, each with the cluster's shortest
 * success beside it to compare with. Once so many entries changed, no further cluster is learned from: policy and bank are each trained against
 * the other, and neither may run away. May be called again after a crash: what was learned is not learned twice, and counts towards the cap.
 *
 * @param groups - of the iteration; their suspects and pass rates are told to memory, which then does not take
 * lucky successes for demonstrations.
 * @param from - the revision the plays read.
 *
 * Source: SkillRL's recursion, arXiv:2602.08234. Ours: clusters by their success rate over all plays instead of a threshold on about ten, whole episodes
 * reach the distiller, entries are found again by what they say and not by a counter, one bank, no evaluation task in it, and the cap.
 */
export async function evolveBank(
  { entries, episodes, namespace, clock, signal }: EvolvePorts,
  groups: readonly JudgedRollouts[],
  from: number,
  { mostChanges, failuresPerCluster }: TrainingRecipe['bank'],
): Promise<BankEvolution> {
  const doubts = doubtsOf(groups);
  const clusters: BankEvolution['clusters'][number][] = [];
  for (const { cluster, failed, won, plays } of worstFirst(groups)) {
    const episodeIds = [...won.slice(0, 1), ...failed.slice(0, failuresPerCluster)].map(({ id }) => id);
    const changed = await changedSince(entries, namespace, from);
    // What was learned of it before a crash is finished, whatever came to the cap meanwhile.
    const isBegun = changed.some(({ evidence }) => evidence.some(({ episodeId }) => episodeIds.includes(episodeId)));
    const isLeft = changed.length >= mostChanges && !isBegun;
    if (!isLeft) {
      await learn(
        { episodes, entries, clock },
        { namespace, episodeIds, doubts: ({ id }) => doubts.get(id) ?? {}, signal },
      );
    }
    clusters.push({ cluster, failures: failed.length, plays, learned: isLeft ? 0 : episodeIds.length });
  }
  const { length } = await changedSince(entries, namespace, from);
  return { from, to: await entries.revision(), clusters, changed: length };
}

interface Cluster {
  readonly cluster: string;
  /** Shortest first: what was done least holds least that had nothing to do with it. */
  readonly failed: readonly Episode[];
  readonly won: readonly Episode[];
  readonly plays: number;
}

function worstFirst(groups: readonly JudgedRollouts[]): Cluster[] {
  const scored = groups.flatMap((group) => group.scored).filter(({ reward }) => reward !== null);
  const byCluster = Map.groupBy(scored, ({ rollout }) => clusterOf(rollout.episode.task));
  const clusters = [...byCluster].map(([cluster, plays]): Cluster => {
    const withResult = (correct: 0 | 1): Episode[] =>
      plays
        .filter((play) => play.correct === correct)
        .map(({ rollout }) => rollout.episode)
        .toSorted((a, b) => a.steps.length - b.steps.length || (a.id < b.id ? -1 : 1));
    return { cluster, failed: withResult(0), won: withResult(1), plays: plays.length };
  });
  // One pseudo-play of each kind: a cluster played once and lost is not the worst of all.
  const rate = ({ won, plays }: Cluster): number => (won.length + 1) / (plays + 2);
  return clusters
    .filter(({ failed }) => failed.length > 0)
    .toSorted((a, b) => rate(a) - rate(b) || (a.cluster < b.cluster ? -1 : 1));
}

/** What is known of each episode beside itself: how often others solve its task, and what makes its success suspect. */
function doubtsOf(groups: readonly JudgedRollouts[]): Map<string, Doubts> {
  return new Map(
    groups.flatMap(({ scored, decision }) =>
      scored.map(({ rollout }, index): [string, Doubts] => {
        const band = decision.band?.label === 'unknown' ? undefined : decision.band;
        const why = decision.suspects.find((suspect) => suspect.rollout === index)?.why ?? [];
        const shortcutFlags = why.filter((reason) => reason !== 'rare-success');
        return [rollout.episode.id, { passRate: band?.passRate, shortcutFlags }];
      }),
    ),
  );
}

/** The entries that changed after a revision, as they are now. */
async function changedSince(entries: EntryStore, namespace: string, revision: number): Promise<readonly BankEntry[]> {
  const changed = new Map<string, BankEntry>();
  for await (const { id, entry } of entries.changesAfter(namespace, revision)) {
    if (entry === undefined) changed.delete(id);
    else changed.set(id, entry);
  }
  return [...changed.values()];
}
