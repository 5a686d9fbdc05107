import { type BankEntry, type EntryStatus, InputError, servedStatuses, entryStatuses } from '@skillrl/core';
import { exportSkills, importSkills } from '@skillrl/memory';

import { readSkillFolders } from '../skill-folders/read-skill-folders.ts';
import { type WrittenFolder, writeSkillFolders } from '../skill-folders/write-skill-folders.ts';
import { type RunOption, withStore } from './bank-store.ts';
import type { CommandContext } from './context.ts';

export const entryKinds = ['demonstration', 'lesson', 'principle'] as const satisfies readonly BankEntry['kind'][];

/** What `--status` of an export may say. */
export const exportedStatuses = ['served', 'all', ...entryStatuses] as const;

export interface SkillsExportOptions extends RunOption {
  readonly status?: (typeof exportedStatuses)[number];
  readonly kind?: BankEntry['kind'];
  readonly force?: boolean;
}

/** Most folders that are named one by one. */
const mostNamed = 20;

/** `bank export --skills DIR` */
export async function exportSkillFolders(
  context: CommandContext,
  folder: string,
  { run, status = 'served', kind, force }: SkillsExportOptions,
): Promise<void> {
  const { output, signal, config } = context;
  await withStore(context, run, async ({ entries, episodes }) => {
    const source = { entries, episodes, namespace: config.namespace, destination: folder, signal };
    const kinds = kind === undefined ? undefined : [kind];
    const told: WrittenFolder[] = [];
    const onFolder = (one: WrittenFolder): void => void (one.reason !== undefined && told.push(one));
    const skills = exportSkills({ ...source, kinds, statuses: statusesOf(status) });
    const counts = await writeSkillFolders(folder, skills, { force, onFolder });
    output.data({ folder, ...counts, notes: told });
    const { written, replaced, unchanged, skipped, refused } = counts;
    output.line(
      `${folder}: written ${written}, replaced ${replaced}, unchanged ${unchanged}, skipped ${skipped}, refused ${refused}.`,
    );
    printSome(context, told, ({ name, reason }) => `${name}: ${reason}`);
    if (skipped > 0) output.line('--force replaces the SKILL.md of the skipped; other files in their folders stay.');
    if (refused > 0) {
      throw new InputError({
        code: 'SKILLS_REFUSED',
        message: `${refused} skills were not written to ${folder}; the others were.`,
        hint: 'Each is listed above with its reason; move away what stands there and export again.',
      });
    }
  });
}

/** `bank import --skills DIR` */
export async function importSkillFolders(
  context: CommandContext,
  folder: string,
  { status, trust }: { readonly status?: EntryStatus; readonly trust?: boolean },
): Promise<void> {
  const { output, signal, progress, config } = context;
  const others: string[] = [];
  const onOtherFiles = (name: string): void => void others.push(name);
  await withStore(context, undefined, async ({ entries }) => {
    const target = { entries, namespace: config.namespace, status, trust, signal, progress };
    const report = await importSkills(readSkillFolders(folder, { onOtherFiles, signal }), target);
    output.data({ ...report, withOtherFiles: others });
    const { added, replaced, skipped, rejected, revision, read } = report;
    output.line(
      `added ${added}, replaced ${replaced}, skipped ${skipped}, rejected ${rejected}; bank at revision ${revision}.`,
    );
    output.line(
      `read: ${read.written} as we wrote them, ${read.edited} edited since, ${read.foreign} of others, ${read.unlike} that show another text than they carry.`,
    );
    const rejections = report.notes.filter(({ outcome }) => outcome === 'rejected');
    printSome(context, rejections, ({ name, reason }) => `${name}: ${reason}`, rejected);
    if (others.length > 0) output.line('Only SKILL.md is kept in a bank; these folders hold more:');
    printSome(context, others, (name) => name);
    if (added + replaced > 0 && status === undefined && trust !== true)
      output.line('What is new is quarantined: read it, then import again with --status trial.');
    if (rejected > 0) {
      throw new InputError({
        code: 'IMPORT_REJECTED',
        message: `${rejected} folders of ${folder} were rejected; the others were imported.`,
        hint: 'Their reasons are listed above; correct them and import again.',
      });
    }
  });
}

function statusesOf(status: (typeof exportedStatuses)[number]): readonly EntryStatus[] {
  if (status === 'served') return servedStatuses;
  return status === 'all' ? entryStatuses : [status];
}

function printSome<One>(
  { output }: CommandContext,
  list: readonly One[],
  textOf: (one: One) => string,
  total = list.length,
): void {
  const named = list.slice(0, mostNamed);
  for (const one of named) output.line(`  ${textOf(one)}`);
  if (total > named.length) output.line(`  … and ${total - named.length} more.`);
}
