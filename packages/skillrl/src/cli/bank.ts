import type { Command } from 'commander';

import { type BankEntry, InputError, type Logger, silentLogger, entryStatuses } from '@skillrl/core';
import { savedIndexFiles } from '@skillrl/drivers';

import { openSkillMemory } from '../open-skill-memory.ts';
import { projectFolder } from '../project-folder.ts';
import { addBankBackupCommands } from './bank-backup.ts';
import { addQuarantineCommands, describeQuarantine } from './bank-quarantine.ts';
import { entryKinds } from './bank-skills.ts';
import { type RunOption, withRun, withStore } from './bank-store.ts';
import { addTransferCommands } from './bank-transfer.ts';
import { action, type CommandContext, withEmbedder } from './context.ts';
import { describeEntry } from './describe-entry.ts';
import { describeStatistics, usesOf } from './describe-statistics.ts';
import { addEmbedCommand } from './embed.ts';
import { addExplainCommand } from './explain.ts';
import { choiceOption, countOption } from './option-values.ts';
import { columnWidths, type Output, table } from './output.ts';
import { progressLine } from './progress-line.ts';
import { describeSavedIndex, savedIndexes } from './saved-indexes.ts';
import { writeLines } from './write-lines.ts';

export function addBankCommands(program: Command): void {
  const bank = program.command('bank').description('what was learned');
  withRun(bank.command('list'))
    .description('every entry')
    .addOption(choiceOption('--kind <kind>', entryKinds.join(', '), entryKinds))
    .addOption(choiceOption('--status <status>', entryStatuses.join(', '), entryStatuses))
    .addHelpText('after', '\nExamples:\n  skillrl bank list --kind lesson\n  skillrl bank list --run RUN --json')
    .action(action(list));
  withRun(bank.command('show <id>'))
    .description('one entry, whole')
    .addHelpText('after', '\nExample:\n  skillrl bank show ENTRY')
    .action(action(show));
  withEmbedder(bank.command('search <text...>'))
    .description('entries nearest to a text, by words and meaning')
    .addOption(countOption('--limit <count>', 'how many').default(10))
    .addHelpText('after', '\nExample:\n  skillrl bank search "where are mugs"')
    .action(action(search));
  addQuarantineCommands(bank);
  addExplainCommand(bank);
  addTransferCommands(bank);
  addEmbedCommand(bank);
  withRun(bank.command('stats'))
    .description('how much there is of what')
    .addHelpText('after', '\nExamples:\n  skillrl bank stats\n  skillrl bank stats --run RUN')
    .action(action(stats));
  addBankBackupCommands(bank);
}

async function list(
  context: CommandContext,
  { run, kind, status }: RunOption & { readonly kind?: BankEntry['kind']; readonly status?: BankEntry['status'] },
): Promise<void> {
  await withStore(context, run, async ({ entries }) => {
    const { namespace } = context.config;
    const view = await entries.view(namespace);
    const filter = {
      kinds: kind === undefined ? undefined : [kind],
      statuses: status === undefined ? undefined : [status],
    };
    const hasAny = (await view.count(filter)) > 0;
    if (!hasAny) context.output.line(`The bank of namespace '${namespace}' is empty at revision ${view.revision}.`);
    else await writeLines('-', entryLines(view.list(filter), context.output));
  });
}

/** JSON lines, or a table of which a page is made at a time: a bank may be larger than memory. */
async function* entryLines(entries: AsyncIterable<BankEntry>, { json }: Output): AsyncGenerator<string> {
  const pageSize = 256;
  let rows: (string | number)[][] = [['id', 'kind', 'status', 'tokens', 'title']];
  let widths: readonly number[] = [];
  for await (const entry of entries) {
    if (json) {
      yield JSON.stringify(entry);
      continue;
    }
    rows.push([entry.id, entry.kind, entry.status, entry.tokens, entry.title.slice(0, 80)]);
    if (rows.length < pageSize) continue;
    // No column becomes narrower from page to page.
    widths = columnWidths(rows, widths);
    yield* table(rows, widths);
    rows = [];
  }
  yield* table(rows, columnWidths(rows, widths));
}

async function show(context: CommandContext, { run }: RunOption, [id = '']: readonly string[]): Promise<void> {
  await withStore(context, run, async ({ entries, episodes }) => {
    const { namespace } = context.config;
    const entry = await (await entries.view(namespace)).get(id);
    if (entry === undefined)
      throw new InputError({
        code: 'ENTRY_UNKNOWN',
        message: `There is no entry '${id}'.`,
        hint: 'skillrl bank list shows the ids.',
      });
    const statistics = await episodes.statistics(namespace, [id]);
    context.output.data({ ...entry, statistics });
    const why = await describeQuarantine({ episodes }, entry);
    for (const line of [...describeEntry(entry), ...why, ...describeStatistics(statistics)]) context.output.line(line);
  });
}

async function search(
  { config, output, signal }: CommandContext,
  { limit }: { readonly limit: number },
  words: readonly string[],
): Promise<void> {
  const warn: Logger['warn'] = (message, fields) => output.note([message, fields?.['reason']].join(' '));
  const logger = { ...silentLogger, warn };
  await using memory = await openSkillMemory(config.folder, { ...config, logger, progress: progressLine() });
  await memory.recaller.prepare();
  const hits = await memory.search(words.join(' '), { limit, signal });
  for (const hit of hits) {
    output.data(hit);
    output.line(`${hit.relevance.toFixed(3)}  ${hit.id}`);
    for (const line of describeEntry(hit)) output.line(`  ${line}`);
  }
  if (hits.length === 0) output.line('Nothing fits.');
}

async function stats(context: CommandContext, { run }: RunOption): Promise<void> {
  await withStore(context, run, async ({ entries, episodes }) => {
    const { namespace } = context.config;
    const view = await entries.view(namespace);
    const found = { entries: 0, kinds: {}, statuses: {}, tokens: 0, uses: {} };
    const add = (counts: Record<string, number>, name: string, count = 1): void =>
      void (counts[name] = (counts[name] ?? 0) + count);
    let ids: string[] = [];
    const addUses = async (): Promise<void> => {
      const uses = usesOf(await episodes.statistics(namespace, ids));
      for (const [name, count] of Object.entries(uses)) add(found.uses, name, count);
      ids = [];
    };
    for await (const { id, kind, status, tokens } of view.list()) {
      found.entries += 1;
      found.tokens += tokens;
      add(found.kinds, kind);
      add(found.statuses, status);
      if (ids.push(id) === 256) await addUses();
    }
    await addUses();
    const outcomes: Record<string, number> = {};
    for await (const episode of episodes.episodes()) {
      const name = episode.outcome?.status ?? 'unknown';
      outcomes[name] = (outcomes[name] ?? 0) + 1;
    }
    const data = { revision: view.revision, ...found, episodes: outcomes };
    // A run's bank is opened without a saved index.
    const folder = projectFolder(context.config.folder).indexes;
    const indexes = run === undefined ? await savedIndexes(savedIndexFiles({ folder })) : [];
    context.output.data({ ...data, indexes });
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
    for (const index of indexes) context.output.line(`saved index: ${describeSavedIndex(index, view.revision)}`);
  });
}
