import { systemClock, type BankEntry, type BankView } from '@skillrl/core';

import { canonicalJson } from '../canonical-json.ts';
import {
  importItems,
  type ImportCounts,
  type ImportItem,
  type ImportNote,
  type ImportTarget,
} from '../import-items.ts';
import { readSkill } from './read-skill.ts';
import type { AgentSkill } from './write-skill.ts';

/** A folder that was looked at: a skill, or why it is none. */
export type SkillFolder = AgentSkill | { readonly name: string; readonly reason: string };

export interface SkillsImportOptions {
  /**
   * Whether an entry that a folder carries keeps the status that it claims there. Default `false`: everything is quarantined, but what the
   * bank holds already. A folder proves nothing about who wrote it.
   */
  readonly trust?: boolean;
}

/** A folder that did not change the bank, and why. */
export type SkillNote = ImportNote & { readonly name: string };

export interface SkillsReport extends ImportCounts {
  /** What the folders were: ours as written, ours edited since, somebody else's, or showing another text than the entry they carry. */
  readonly read: Readonly<Record<'written' | 'edited' | 'foreign' | 'unlike', number>>;
  readonly notes: readonly SkillNote[];
}

type SkillsTarget = Omit<ImportTarget, 'onNote'> & { readonly onNote?: (note: SkillNote) => void | Promise<void> };

/**
 * Imports Agent Skills as one revision, or not at all. The target's `status` is for every one of them.
 *
 * @param skills - in any order; notes number them from 1.
 * @throws {StoreError} `LOCKED` while another import is under way.
 */
export async function importSkills(
  skills: AsyncIterable<SkillFolder> | Iterable<SkillFolder>,
  { trust = false, onNote, ...target }: SkillsTarget & SkillsImportOptions,
): Promise<SkillsReport> {
  const names: string[] = [];
  const read = { written: 0, edited: 0, foreign: 0, unlike: 0 };
  const view = await target.entries.view(target.namespace);
  const now = systemClock.now();
  async function* items(): AsyncGenerator<ImportItem> {
    for await (const skill of skills) {
      const line = names.push(skill.name);
      const found = 'reason' in skill ? skill : readSkill(skill, { namespace: target.namespace, now });
      if ('reason' in found) {
        yield { line, reason: found.reason };
        continue;
      }
      read[found.as] += 1;
      const isOwn = trust && found.as === 'written';
      yield { line, entry: isOwn ? found.entry : await untrusted(found.entry, view) };
    }
  }
  const named = (note: ImportNote): SkillNote => ({ ...note, name: names[note.line - 1] ?? '' });
  const counts = await importItems(items(), {
    ...target,
    ...(onNote !== undefined && { onNote: (note: ImportNote) => onNote(named(note)) }),
  });
  return { ...counts, read, notes: counts.notes.map(named) };
}

/** Quarantined, unless the bank holds the same already: then it stays what it is there. Another text under the same id is a new version. */
async function untrusted(entry: BankEntry, view: BankView): Promise<BankEntry> {
  const present = await view.get(entry.id);
  if (present !== undefined && content(present) === content(entry)) return present;
  const isNext = present !== undefined && entry.madeBy.method === 'agent-skill' && entry.version <= present.version;
  const version = isNext ? { version: present.version + 1, parentVersion: present.version } : {};
  return { ...entry, ...version, status: 'quarantined' };
}

/** What an entry says, whatever its life in a bank was. */
function content(entry: BankEntry): string {
  return canonicalJson({ ...entry, version: 0, parentVersion: undefined, status: '', createdAt: 0 });
}
