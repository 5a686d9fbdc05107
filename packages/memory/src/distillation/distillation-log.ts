import { contentHash, type Episode, type EpisodeStore, type ExportRecord } from '@skillrl/core';

import { episodeHash } from './evidence.ts';

/** Kind of the records that say which episodes were distilled: what was made of an episode left the log for the bank. */
export const distillationKind = 'distillation';

/** Which distillers have seen which episodes, kept in the episode store's register of exports. */
export interface DistillationLog {
  /** Equal for equal content of the episode, distiller and namespace. */
  key(episode: Episode, distiller: { readonly name: string; readonly version: string }): string;
  /** Keys under which the episode was distilled. */
  done(episodeId: string): Promise<ReadonlySet<string>>;
  add(key: string, episodeId: string, distiller: string, entryIds: readonly string[]): Promise<void>;
}

export function distillationLog(episodes: EpisodeStore, namespace: string, now: () => number): DistillationLog {
  return {
    key: (episode, { name, version }) =>
      `${distillationKind} ${contentHash([namespace, episode.id, name, version, episodeHash(episode)].join('\n'))}`,
    done: async (episodeId) => {
      const records = await episodes.exportsHolding({ episodeId });
      return new Set(records.filter(isDistillation).map(({ id }) => id));
    },
    add: (id, episodeId, distiller, entryIds) =>
      episodes.registerExport(
        { id, kind: distillationKind, destination: `bank '${namespace}' by ${distiller}`, at: now() },
        [{ episodeId }, ...entryIds.map((entryId) => ({ namespace, entryId }))],
      ),
  };
}

export function isDistillation({ kind }: ExportRecord): boolean {
  return kind === distillationKind;
}
