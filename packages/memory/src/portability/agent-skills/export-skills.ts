import {
  newId,
  servedStatuses,
  systemClock,
  type BankEntry,
  type BankView,
  type Clock,
  type EntryFilter,
  type EntryStatus,
  type EntryStore,
  type EpisodeStore,
  type ExportHolding,
} from '@skillrl/core';

import { writeSkill, type AgentSkill } from './write-skill.ts';

export interface SkillsSource {
  readonly entries: Pick<EntryStore, 'view'>;
  readonly namespace: string;
  /** Default: those that may reach a prompt. Whoever reads a skill follows it. */
  readonly statuses?: readonly EntryStatus[];
  /** Default: all. */
  readonly kinds?: readonly BankEntry['kind'][];
  /** Where the export is registered, so that a deletion can name it. */
  readonly episodes?: Pick<EpisodeStore, 'registerExport'>;
  /** Where the folders go, as a person would say it: a path. */
  readonly destination?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** A bank as Agent Skills, in the order of ids. Registered before the first is given: what was begun may have been read. */
export async function* exportSkills(source: SkillsSource): AsyncGenerator<AgentSkill> {
  const { entries, namespace, statuses = servedStatuses, kinds, episodes, clock = systemClock, signal } = source;
  const view = await entries.view(namespace);
  const filter = { statuses, kinds };
  const at = clock.now();
  const taken = `bank '${namespace}' at revision ${view.revision} to ${source.destination ?? 'a stream'}`;
  const record = { id: newId('export', at), kind: 'agent-skills', destination: taken, at };
  await episodes?.registerExport(record, holdings(view, filter));
  for await (const entry of view.list(filter)) {
    signal?.throwIfAborted();
    yield writeSkill(entry);
  }
}

async function* holdings(view: BankView, filter: EntryFilter): AsyncGenerator<ExportHolding> {
  for await (const entry of view.list(filter)) {
    yield { namespace: view.namespace, entryId: entry.id };
    for (const { episodeId } of entry.evidence) yield { episodeId };
  }
}
