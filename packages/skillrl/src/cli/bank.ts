import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';

import type { Command } from 'commander';

import { type BankEntry, FileError, InputError } from '@skillrl/core';
import { sqlite } from '@skillrl/drivers';
import { exportBank, importBank } from '@skillrl/memory';

import { openSkillMemory } from '../open-skill-memory.ts';
import { action, type CommandContext, withPlaySettings, withSettings } from './context.ts';
import { describeEntry } from './describe-entry.ts';
import { databaseOf } from './episodes.ts';
import { table } from './output.ts';

interface RunOption {
  readonly run?: string;
}

export function addBankCommands(program: Command): void {
  const bank = program.command('bank').description('what was learned');
  const withRun = (command: Command): Command =>
    withSettings(command).option('--run <id>', 'of a benchmark run instead of the project');
  withRun(bank.command('list'))
    .description('every entry')
    .option('--kind <kind>', 'demonstration, lesson or principle')
    .option('--status <status>', 'candidate, trial, active, stable, quarantined or retired')
    .action(action(list));
  withRun(bank.command('show <id>')).description('one entry, whole').action(action(show));
  withPlaySettings(bank.command('search <text...>'))
    .description('entries nearest to a text, by words and meaning')
    .option('--limit <count>', 'how many', (text) => Number.parseInt(text, 10), 10)
    .addHelpText('after', '\nExample:\n  skillrl bank search "where are mugs"')
    .action(action(search));
  withRun(bank.command('export <file>'))
    .description('write the bank as JSON lines; - is standard output')
    .action(action(exportTo));
  withSettings(bank.command('import <file>'))
    .description('read a bank: everything is checked, then committed as one revision')
    .action(action(importFrom));
  withRun(bank.command('stats')).description('how much there is of what').action(action(stats));
}

async function withStore<Result>(
  context: CommandContext,
  run: string | undefined,
  work: (store: Awaited<ReturnType<typeof sqlite>>) => Promise<Result>,
): Promise<Result> {
  const store = sqlite({ path: databaseOf(context, run) });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function list(
  context: CommandContext,
  { run, kind, status }: RunOption & { readonly kind?: BankEntry['kind']; readonly status?: BankEntry['status'] },
): Promise<void> {
  await withStore(context, run, async ({ entries }) => {
    const view = await entries.view();
    const found = await Array.fromAsync(
      view.list({
        namespace: context.config.namespace,
        kinds: kind === undefined ? undefined : [kind],
        statuses: status === undefined ? undefined : [status],
      }),
    );
    for (const entry of found) context.output.data(entry);
    if (found.length === 0)
      context.output.line(`The bank of namespace '${context.config.namespace}' is empty at revision ${view.revision}.`);
    else
      for (const line of table([
        ['id', 'kind', 'status', 'tokens', 'title'],
        ...found.map((entry) => [entry.id, entry.kind, entry.status, entry.tokens, entry.title.slice(0, 80)]),
      ]))
        context.output.line(line);
  });
}

async function show(context: CommandContext, { run }: RunOption, [id = '']: readonly string[]): Promise<void> {
  await withStore(context, run, async ({ entries }) => {
    const entry = await (await entries.view()).get(id);
    if (entry === undefined)
      throw new InputError({
        code: 'ENTRY_UNKNOWN',
        message: `There is no entry '${id}'.`,
        hint: 'skillrl bank list shows the ids.',
      });
    context.output.data(entry);
    for (const line of describeEntry(entry)) context.output.line(line);
  });
}

async function search(
  { config, output, signal }: CommandContext,
  { limit }: { readonly limit: number },
  words: readonly string[],
): Promise<void> {
  await using memory = await openSkillMemory(config.folder, config);
  const hits = await memory.search(words.join(' '), { limit, signal });
  for (const hit of hits) {
    output.data(hit);
    output.line(`${hit.relevance.toFixed(3)}  ${hit.id}`);
    for (const line of describeEntry(hit)) output.line(`  ${line}`);
  }
  if (hits.length === 0) output.line('Nothing fits.');
}

async function exportTo(context: CommandContext, { run }: RunOption, [file = '-']: readonly string[]): Promise<void> {
  await withStore(context, run, async ({ entries, episodes }) => {
    const lines = exportBank({ entries, episodes, namespace: context.config.namespace, destination: file });
    const text = Readable.from(
      (async function* () {
        for await (const line of lines) yield `${line}\n`;
      })(),
    );
    if (file === '-') for await (const chunk of text) process.stdout.write(chunk as string);
    else
      await pipeline(text, createWriteStream(file)).catch((cause: unknown) =>
        Promise.reject(fileError(file, 'written', cause)),
      );
    context.output.note(file === '-' ? 'Exported.' : `Exported to ${file}.`);
  });
}

async function importFrom(context: CommandContext, _options: object, [file = '']: readonly string[]): Promise<void> {
  await withStore(context, undefined, async ({ entries }) => {
    const input = createReadStream(file);
    await new Promise<void>((resolve, reject) =>
      input.once('open', () => resolve()).once('error', (cause) => reject(fileError(file, 'read', cause))),
    );
    const report = await importBank(createInterface({ input, crlfDelay: Infinity }), {
      entries,
      namespace: context.config.namespace,
      signal: context.signal,
    });
    context.output.data(report);
    const { output } = context;
    output.line(
      `added ${report.added.length}, replaced ${report.replaced.length}, skipped ${report.skipped.length}, rejected ${report.rejected.length}; bank at revision ${report.revision}.`,
    );
    if (!report.intact)
      output.line('The header’s count or hash does not fit the lines: the file was changed after it was written.');
    for (const { line, reason } of report.rejected) output.line(`  line ${line}: ${reason}`);
    if (report.rejected.length > 0) {
      throw new InputError({
        code: 'IMPORT_REJECTED',
        message: `${report.rejected.length} lines of ${file} were rejected.`,
        hint: 'Each is listed above with its reason; correct them and import again.',
      });
    }
  });
}

async function stats(context: CommandContext, { run }: RunOption): Promise<void> {
  await withStore(context, run, async ({ entries, episodes }) => {
    const view = await entries.view();
    const found = await Array.fromAsync(view.list({ namespace: context.config.namespace }));
    const count = (key: (entry: BankEntry) => string): Record<string, number> =>
      Object.fromEntries([...Map.groupBy(found, key)].map(([name, group]) => [name, group.length]));
    const outcomes: Record<string, number> = {};
    for await (const episode of episodes.episodes()) {
      const name = episode.outcome?.status ?? 'unknown';
      outcomes[name] = (outcomes[name] ?? 0) + 1;
    }
    const data = {
      revision: view.revision,
      entries: found.length,
      kinds: count(({ kind }) => kind),
      statuses: count(({ status }) => status),
      tokens: found.reduce((sum, { tokens }) => sum + tokens, 0),
      episodes: outcomes,
    };
    context.output.data(data);
    for (const line of table(
      Object.entries(data).map(([name, value]) => [
        name,
        typeof value === 'number'
          ? String(value)
          : Object.entries(value)
              .map(([key, number]) => `${number} ${key}`)
              .join(', ') || '–',
      ]),
    ))
      context.output.line(line);
  });
}

function fileError(file: string, what: string, cause: unknown): FileError {
  return new FileError({
    code: 'FILE_FAILED',
    message: `${file} could not be ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
    cause,
  });
}
