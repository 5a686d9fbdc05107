import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

import type { Command } from 'commander';

import { atBoundary, boundaryError, type EntryStatus, InputError, entryStatuses } from '@skillrl/core';
import { alfworldTaskType } from '@skillrl/environments';
import {
  bankFormat,
  exportBank,
  importBank,
  importSkillRl,
  splitLines,
  type FileLine,
  type ImportCounts,
  type ImportTarget,
} from '@skillrl/memory';

import {
  entryKinds,
  exportedStatuses,
  exportSkillFolders,
  importSkillFolders,
  type SkillsExportOptions,
} from './bank-skills.ts';
import { withRun, withStore } from './bank-store.ts';
import { action, type CommandContext, withSettings } from './context.ts';
import { choiceOption } from './option-values.ts';
import { wholeFile } from './whole-file.ts';
import { writeLines } from './write-lines.ts';

const formats = ['bank', 'skillrl-skills', 'skillrl-memories'] as const;

interface ImportOptions {
  readonly format?: (typeof formats)[number];
  readonly status?: EntryStatus;
  readonly environment?: string;
  readonly requireIntact?: boolean;
  readonly report?: string;
  readonly skills?: string;
  readonly trust?: boolean;
}

/** The commands that take a bank out and bring one in. */
export function addTransferCommands(bank: Command): void {
  withRun(bank.command('export [file]'))
    .description('write the bank as JSON lines, or as Agent Skills; - is standard output')
    .option('--skills <folder>', 'a SKILL.md folder an entry instead of one file')
    .addOption(
      choiceOption('--status <status>', `with --skills: ${exportedStatuses.join(', ')} (served)`, exportedStatuses),
    )
    .addOption(choiceOption('--kind <kind>', `with --skills: ${entryKinds.join(', ')} (all)`, entryKinds))
    .option('--force', 'with --skills: replace the SKILL.md of folders that are there')
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl bank export bank.jsonl\n  skillrl bank export - --run RUN | wc -l\n  skillrl bank export --skills .agents/skills --kind principle',
    )
    .action(action(exportTo));
  withSettings(bank.command('import [file]'))
    .description('read a bank, Agent Skills, or what SkillRL ships: all is checked, then committed as one revision')
    .option('--skills <folder>', 'of SKILL.md folders instead of one file; what is new is quarantined')
    .option('--trust', 'with --skills: entries keep the status that our own folders say')
    .addOption(choiceOption('--format <format>', `${formats.join(', ')} (what the file is)`, formats))
    .addOption(choiceOption('--status <status>', 'of every imported entry', entryStatuses))
    .option('--environment <name>', 'that SkillRL’s entries are for')
    .option('--require-intact', 'refuse a file whose count or hash differs from its header')
    .option('--report <file>', 'every skipped and rejected line with its reason, as JSON lines')
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl bank import bank.jsonl --report lines.jsonl\n  skillrl bank import claude_style_skills.json --environment alfworld --status trial\n  skillrl bank import --skills .agents/skills',
    )
    .action(action(importFrom));
}

type ExportOptions = SkillsExportOptions & { readonly skills?: string };

async function exportTo(context: CommandContext, options: ExportOptions, [file]: readonly string[]): Promise<void> {
  const { output, signal, progress, config } = context;
  const { run, skills } = options;
  if (skills !== undefined && file === undefined) return exportSkillFolders(context, skills, options);
  if (skills !== undefined || file === undefined) throw oneOfTwo('export');
  refuseOptions(options, ['status', 'kind', 'force'], '--skills FOLDER');
  await withStore(context, run, async ({ entries, episodes }) => {
    const source = { entries, episodes, namespace: config.namespace, destination: file, signal, progress };
    await writeLines(file, exportBank(source));
    output.note(file === '-' ? 'Exported.' : `Exported to ${file}.`);
  });
}

async function importFrom(context: CommandContext, options: ImportOptions, [file]: readonly string[]): Promise<void> {
  const { skills } = options;
  if (skills !== undefined && file === undefined) {
    refuseOptions(options, ['format', 'environment', 'requireIntact', 'report'], 'a file');
    return importSkillFolders(context, skills, options);
  }
  if (skills !== undefined || file === undefined) throw oneOfTwo('import');
  refuseOptions(options, ['trust'], '--skills FOLDER');
  const format = options.format ?? (await detectFormat(file));
  const notes = options.report === undefined ? undefined : await wholeFile(options.report);
  try {
    await withStore(context, undefined, async ({ entries }) => {
      const target: ImportTarget = {
        entries,
        namespace: context.config.namespace,
        status: options.status,
        signal: context.signal,
        progress: context.progress,
        ...(notes !== undefined && { onNote: (note) => notes.write(`${JSON.stringify(note)}\n`) }),
      };
      const counts = await (format === 'bank'
        ? importLines(context, file, target, options)
        : importDocument(context, file, target, options));
      await notes?.finish();
      printNotes(context, counts, options.report);
      if (counts.rejected > 0) throw rejectedError(counts, file, options.report);
    });
  } finally {
    await notes?.discard();
  }
}

function oneOfTwo(command: 'export' | 'import'): InputError {
  return new InputError({
    code: 'TRANSFER_TARGET',
    message: `skillrl bank ${command} takes a file or --skills FOLDER, one of the two.`,
    hint: `skillrl bank ${command} --help shows both.`,
  });
}

/** What says nothing here is not passed over in silence. @param use - what it is for. */
function refuseOptions<Options extends object>(
  options: Options,
  names: readonly (keyof Options & string)[],
  use: 'a file' | '--skills FOLDER',
): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  const flag = given.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
  throw new InputError({
    code: 'OPTION_INVALID',
    message: `--${flag} is for ${use}.`,
    hint: 'Leave it out; --help shows what each option is for.',
  });
}

async function importLines(
  { output }: CommandContext,
  file: string,
  target: ImportTarget,
  { requireIntact }: ImportOptions,
): Promise<ImportCounts> {
  const report = await importBank(linesOf(file), { ...target, requireIntact });
  output.data(report);
  output.line(summary(report));
  if (!report.intact)
    output.line('The header’s count or hash does not fit the lines: the file was changed after it was written.');
  return report;
}

/** Most bytes of a JSON document, which is read as a whole; SkillRL's files have some hundred thousand. */
const longestDocument = 64 * 1024 * 1024;

async function importDocument(
  { output }: CommandContext,
  file: string,
  target: ImportTarget,
  { format, environment }: ImportOptions,
): Promise<ImportCounts> {
  const document = await readDocument(file);
  const report = await importSkillRl(document, {
    ...target,
    environment: environment?.toLowerCase(),
    typeOf: (name, goal) => (name === 'alfworld' ? alfworldTaskType(goal) : undefined),
    ...(format !== undefined && format !== 'bank' && { format }),
  });
  output.data(report);
  const { demonstration, lesson, principle } = report.made;
  output.line(
    `${report.format}: ${report.records} records gave ${demonstration} demonstrations, ${lesson} lessons and ${principle} principles.`,
  );
  if (report.metadata !== undefined) output.line(`metadata: ${JSON.stringify(report.metadata)}`);
  output.line(summary(report));
  if (target.status === undefined)
    output.line('They are quarantined: nothing in them was verified here. --status trial lets them be shown.');
  return report;
}

function summary({ added, replaced, skipped, rejected, revision }: ImportCounts): string {
  return `added ${added}, replaced ${replaced}, skipped ${skipped}, rejected ${rejected}; bank at revision ${revision}.`;
}

function printNotes({ output }: CommandContext, { notes, rejected }: ImportCounts, report: string | undefined): void {
  const shown = notes.filter(({ outcome }) => outcome === 'rejected');
  for (const { line, reason } of shown) output.line(`  line ${line}: ${reason}`);
  if (shown.length < rejected) {
    const where = report === undefined ? '--report FILE writes all of them' : `${report} has all of them`;
    output.line(`  … and ${rejected - shown.length} more; ${where}.`);
  }
}

function rejectedError({ rejected }: ImportCounts, file: string, report: string | undefined): InputError {
  return new InputError({
    code: 'IMPORT_REJECTED',
    message: `${rejected} lines of ${file} were rejected; the others were imported.`,
    hint: `Their reasons are listed ${report === undefined ? 'above' : `in ${report}`}; correct them and import again.`,
  });
}

async function* linesOf(file: string): AsyncGenerator<FileLine> {
  try {
    yield* splitLines(createReadStream(file));
  } catch (error) {
    throw boundaryError('file', `read ${file}`, error);
  }
}

/** A bank's file begins with a line that says so; other JSON is taken for a document of SkillRL. */
async function detectFormat(file: string): Promise<'bank' | 'document'> {
  for await (const line of linesOf(file)) {
    if (typeof line !== 'string') return 'bank';
    if (line.trim() === '') continue;
    return /^\s*[[{]/u.test(line) && !line.includes(`"${bankFormat}"`) ? 'document' : 'bank';
  }
  return 'bank';
}

async function readDocument(file: string): Promise<unknown> {
  const { size } = await atBoundary('file', `read ${file}`, () => stat(file));
  if (size > longestDocument) {
    throw new InputError({
      code: 'DOCUMENT_TOO_LONG',
      message: `${file} has ${size} bytes; a JSON document is read up to ${longestDocument}.`,
      hint: 'Split it, or give a bank of JSON lines, which may have any length.',
    });
  }
  const text = await atBoundary('file', `read ${file}`, () => readFile(file, 'utf8'));
  try {
    return JSON.parse(text.replace(/^\uFEFF/u, ''));
  } catch (cause) {
    throw new InputError({
      code: 'DOCUMENT_INVALID',
      message: `${file} is no bank of JSON lines and no JSON document: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: 'A bank begins with the header that skillrl bank export writes.',
      cause,
    });
  }
}
