import { Readable } from 'node:stream';

import type { Command } from 'commander';

import { type BankEntry, type EntryFilter, type EntryStore, StoreError } from '@skillrl/core';
import {
  backupBank,
  type BankReport,
  savedIndexFiles,
  restoreBank,
  salvageEntries,
  verifyBank,
} from '@skillrl/drivers';
import { exportBank } from '@skillrl/memory';

import { makeFolder, projectFolder } from '../project-folder.ts';
import { action, type CommandContext, withSettings } from './context.ts';
import { databaseOf } from './episodes.ts';
import { table } from './output.ts';
import { writeLines } from './write-lines.ts';
import { describeSavedIndex, savedIndexes } from './saved-indexes.ts';

interface RunOption {
  readonly run?: string;
}

/** Adds to `skillrl bank` what keeps a bank safe: a copy, a look at every row, a copy in its place. */
export function addBankBackupCommands(bank: Command): void {
  const withRun = (command: Command): Command =>
    withSettings(command).option('--run <id>', 'of a benchmark run instead of the project');
  withRun(bank.command('backup <file>'))
    .description('copy the bank to one file while others go on writing; verified before it has its name')
    .option('--force', 'replace a file that is there')
    .addHelpText('after', '\nExample:\n  skillrl bank backup bank-monday.db')
    .action(action(backup));
  withRun(bank.command('verify [file]'))
    .description('read the bank, or a backup, from end to end and name what is damaged')
    .addHelpText('after', '\nExamples:\n  skillrl bank verify\n  skillrl bank verify bank-monday.db --json')
    .action(action(verify));
  withSettings(bank.command('restore <file>'))
    .description('verify a backup and put it in the place of the bank, which is kept beside it')
    .addHelpText('after', '\nExample:\n  skillrl bank restore bank-monday.db')
    .action(action(restore));
  withRun(bank.command('salvage <file>'))
    .description(
      'write the entries that a damaged bank still gives as JSON lines, for skillrl bank import; - is standard output',
    )
    .addHelpText('after', '\nExample:\n  skillrl bank salvage saved.jsonl')
    .action(action(salvage));
}

async function backup(
  context: CommandContext,
  { run, force }: RunOption & { readonly force?: boolean },
  [file = '']: readonly string[],
): Promise<void> {
  const { output, signal, progress } = context;
  const report = await backupBank(databaseOf(context, run), file, { force, signal, progress });
  output.data(report);
  output.line(`Backed up and verified: ${file}`);
  printCounts(context, report);
}

async function verify(context: CommandContext, { run }: RunOption, [file]: readonly string[]): Promise<void> {
  const { output, signal, progress } = context;
  const path = file ?? databaseOf(context, run);
  const report = await verifyBank(path, { signal, progress });
  const isProject = file === undefined && run === undefined;
  const folder = projectFolder(context.config.folder).indexes;
  const indexes = isProject ? await savedIndexes(savedIndexFiles({ folder }), { isVerified: true }) : [];
  output.data({ ...report, indexes });
  for (const index of indexes) output.line(`saved index ${describeSavedIndex(index, report.revision)}`);
  for (const { table: name, id, what, remedy } of report.damage) {
    output.line(`${name}${id === '' ? '' : ` ${id}`}: ${what}`);
    output.line(`  ${remedy}`);
  }
  if (report.findings > report.damage.length) output.line(`… and ${report.findings - report.damage.length} more.`);
  output.line(`${path}: ${report.findings === 0 ? 'whole' : found(report)}`);
  printCounts(context, report);
  if (report.findings > 0) {
    throw new StoreError({
      code: 'BANK_DAMAGED',
      message: `${path} is damaged: ${found(report)}, listed above.`,
      hint: 'Keep the file; restore a backup with skillrl bank restore, or take out what can be read with skillrl bank salvage FILE.',
    });
  }
}

async function restore(context: CommandContext, _options: object, [file = '']: readonly string[]): Promise<void> {
  const { config, output, signal, progress } = context;
  const { root, database, indexes } = projectFolder(config.folder);
  makeFolder(root);
  const restored = await restoreBank(file, database, { derived: [indexes], signal, progress });
  output.data(restored);
  output.line(`Restored ${file} to ${database}.`);
  if (restored.before !== undefined) output.line(`What was there before is kept: ${restored.before}`);
  printCounts(context, restored.report);
}

async function salvage(context: CommandContext, { run }: RunOption, [file = '-']: readonly string[]): Promise<void> {
  const { config, output } = context;
  const { entries, lost } = salvageEntries(databaseOf(context, run), config.namespace);
  await writeLines(file, exportBank({ entries: storeOf(entries), namespace: config.namespace }));
  output.note(
    `${entries.length} entries of namespace '${config.namespace}' were read${file === '-' ? '' : ` to ${file}`}.`,
  );
  for (const what of lost.slice(0, mostLost)) output.note(`lost: ${what}`);
  if (lost.length > mostLost) output.note(`… and ${lost.length - mostLost} more.`);
}

/** Entries as a store that can only be viewed. */
function storeOf(entries: readonly BankEntry[]): Pick<EntryStore, 'view'> {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const select = ({ statuses }: EntryFilter = {}): BankEntry[] =>
    entries.filter(({ status }) => statuses === undefined || statuses.includes(status));
  return {
    view: async (namespace, revision = 0) => ({
      namespace,
      revision,
      get: async (id) => byId.get(id),
      getMany: async (ids) => new Map(ids.flatMap((id) => (byId.has(id) ? [[id, byId.get(id)!]] : []))),
      list: (filter) => Readable.from(select(filter)),
      count: async (filter) => select(filter).length,
      clusters: async (filter) => [...new Set(select(filter).map(({ cluster }) => cluster))].toSorted(),
    }),
  };
}

/** So many reasons are printed. */
const mostLost = 50;

function found({ findings }: BankReport): string {
  return `${findings} finding${findings === 1 ? '' : 's'}`;
}

function printCounts({ output }: CommandContext, { revision, entries, episodes, bytes, sha256 }: BankReport): void {
  for (const line of table([
    ['revision', String(revision)],
    ['entries', `${entries} in all namespaces`],
    ['episodes', String(episodes)],
    ['bytes', String(bytes)],
    ...(sha256 === undefined ? [] : [['checksum', `sha256 ${sha256}`]]),
  ]))
    output.line(line);
}
