import { InputError, type BankEntry, type EntryStore, type Episode, type EpisodeStore } from '@skillrl/core';

/** Why an entry changes its place, and by whose word: kept with the commit. */
export interface Ruling {
  /** A person, or the program that asked one. */
  readonly by: string;
  readonly reason: string;
}

export interface QuarantinePorts {
  readonly entries: EntryStore;
  readonly episodes: Pick<EpisodeStore, 'episode'>;
}

/**
 * Lets an entry out of quarantine, by the word of somebody who has read it. It goes on trial, as what was just learned does: read is not proven.
 *
 * An entry of an outcome that nobody verified is not released this way: whether the task was solved is said of the episode, and learning
 * releases the entry then.
 *
 * @returns the revision made.
 * @throws {InputError} `RULING_INCOMPLETE`, `ENTRY_UNKNOWN`, `ENTRY_NOT_QUARANTINED`, `OUTCOME_UNVERIFIED`.
 */
export async function releaseEntry(
  { entries, episodes }: QuarantinePorts,
  namespace: string,
  id: string,
  ruling: Ruling,
): Promise<number> {
  const entry = await found(entries, namespace, id);
  if (entry.status !== 'quarantined') {
    throw new InputError({
      code: 'ENTRY_NOT_QUARANTINED',
      message: `The entry '${id}' is ${entry.status} and not in quarantine.`,
      hint: 'skillrl bank list --status quarantined shows what is.',
    });
  }
  const doubted = await unverifiedEpisode(episodes, entry);
  if (doubted !== undefined) {
    throw new InputError({
      code: 'OUTCOME_UNVERIFIED',
      message: `The entry '${id}' rests on episode '${doubted.id}', whose outcome (${doubted.outcome?.status}) was verified by nobody.`,
      hint: `Say how it came out (skillrl episodes outcome ${doubted.id} success, or memory.outcome), then learn: a verified outcome releases the entry.`,
    });
  }
  return commit(entries, entry, 'trial', 'release', ruling);
}

/**
 * Takes an entry out of what is served until somebody releases it, or a verified episode says the same.
 *
 * @returns the revision made, or the current one when it is there already.
 * @throws {InputError} `RULING_INCOMPLETE`, `ENTRY_UNKNOWN`.
 */
export async function quarantineEntry(
  { entries }: Pick<QuarantinePorts, 'entries'>,
  namespace: string,
  id: string,
  ruling: Ruling,
): Promise<number> {
  return commit(entries, await found(entries, namespace, id), 'quarantined', 'quarantine', ruling);
}

/** What keeps an entry in quarantine, as far as it can be seen: the first of these that holds. */
export type QuarantineCause =
  /** Of an episode's outcome, nobody but its own model or tool has said anything. */
  | 'outcome-unverified'
  /** It repeats a tool, a page or somebody else whom nobody vouches for. */
  | 'text-untrusted'
  /** It was imported, and rests on no episode of this memory. */
  | 'from-outside'
  /** A success where nearly all fail, or somebody's word: it does not show in the entry. */
  | 'doubted';

/** @param entry - one in quarantine. */
export async function quarantineCause(
  episodes: QuarantinePorts['episodes'],
  entry: BankEntry,
): Promise<QuarantineCause> {
  if ((await unverifiedEpisode(episodes, entry)) !== undefined) return 'outcome-unverified';
  const known = await Promise.all(entry.evidence.map(({ episodeId }) => episodes.episode(episodeId)));
  const own = entry.evidence.filter((_, at) => known[at] !== undefined);
  if (own.length === 0) return 'from-outside';
  return own.every(({ trusted }) => trusted) ? 'doubted' : 'text-untrusted';
}

/** The first episode of the entry's evidence whose outcome is an unverified word. */
async function unverifiedEpisode(
  episodes: QuarantinePorts['episodes'],
  { evidence }: BankEntry,
): Promise<Episode | undefined> {
  for (const { episodeId } of evidence) {
    const episode = await episodes.episode(episodeId);
    const outcome = episode?.outcome;
    if (outcome !== undefined && 'verified' in outcome && !outcome.verified) return episode;
  }
  return undefined;
}

async function found(entries: EntryStore, namespace: string, id: string): Promise<BankEntry> {
  const entry = await (await entries.view(namespace)).get(id);
  if (entry !== undefined) return entry;
  throw new InputError({
    code: 'ENTRY_UNKNOWN',
    message: `There is no entry '${id}' in namespace '${namespace}'.`,
    hint: 'skillrl bank list shows the ids.',
  });
}

function commit(
  entries: EntryStore,
  { id, namespace }: BankEntry,
  status: BankEntry['status'],
  what: string,
  { by, reason }: Ruling,
): Promise<number> {
  if (by.trim() === '' || reason.trim() === '') {
    throw new InputError({
      code: 'RULING_INCOMPLETE',
      message: `The ${what} of entry '${id}' needs a name and a reason.`,
      hint: 'Say who read it, and why it may be served or not.',
    });
  }
  return entries.commit({ namespace, reason: `${what} of ${id} by ${by}: ${reason}`, statuses: [{ id, status }] });
}
