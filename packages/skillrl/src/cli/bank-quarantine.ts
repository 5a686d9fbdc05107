import { userInfo } from 'node:os';

import type { BankEntry } from '@skillrl/core';
import type { SqliteStores } from '@skillrl/drivers';
import { quarantineCause, quarantineEntry, releaseEntry, type QuarantineCause } from '@skillrl/memory';
import type { Command } from 'commander';

import { type RunOption, withRun, withStore } from './bank-store.ts';
import { action, type CommandContext } from './context.ts';

interface RulingOptions extends RunOption {
  readonly reason: string;
  readonly by: string;
}

/** `bank release` and `bank quarantine`: a person's word on one entry. */
export function addQuarantineCommands(bank: Command): void {
  const rulings = [
    { name: 'release', description: 'let an entry out of quarantine, which you have read: it goes on trial' },
    { name: 'quarantine', description: 'take an entry out of what is served' },
  ] as const;
  for (const { name, description } of rulings)
    withRun(bank.command(`${name} <id>`))
      .description(description)
      .requiredOption('--reason <text>', 'why, kept with the change')
      .option('--by <name>', 'whose word it is', userInfo().username)
      .addHelpText(
        'after',
        `\nExamples:\n  skillrl bank list --status quarantined\n  skillrl bank show ENTRY\n  skillrl bank ${name} ENTRY --reason "…"`,
      )
      .action(action((context, options: RulingOptions, args) => rule(name, context, options, args)));
}

async function rule(
  name: 'release' | 'quarantine',
  context: CommandContext,
  { run, reason, by }: RulingOptions,
  [id = '']: readonly string[],
): Promise<void> {
  const { namespace } = context.config;
  await withStore(context, run, async (ports) => {
    const ruling = { by, reason };
    const revision = await (name === 'release'
      ? releaseEntry(ports, namespace, id, ruling)
      : quarantineEntry(ports, namespace, id, ruling));
    const status = (await (await ports.entries.view(namespace)).get(id))?.status;
    context.output.data({ id, status, revision, ...ruling });
    context.output.line(`${id} is ${status} at revision ${revision}.`);
  });
}

const causes: Readonly<Record<QuarantineCause, string>> = {
  'outcome-unverified': 'in quarantine: nobody verified the outcome it was learned from; say it, and learn again',
  'text-untrusted': 'in quarantine: it repeats what a tool, a page or somebody else said; read it, then bank release',
  'from-outside': 'in quarantine: it came from outside and rests on no episode here; read it, then bank release',
  ruling: 'in quarantine: somebody put it there; bank release lets it out',
};

/** Why an entry waits, and what lets it out; nothing for one that does not. */
export async function describeQuarantine(
  { episodes }: Pick<SqliteStores, 'episodes'>,
  entry: BankEntry,
): Promise<string[]> {
  return entry.status === 'quarantined' ? [causes[await quarantineCause(episodes, entry)]] : [];
}
