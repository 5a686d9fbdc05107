import { join } from 'node:path';
import type { Command } from 'commander';

import { fileLock, sqlite } from '@skillrl/drivers';
import { reembed } from '@skillrl/memory';

import { embedder } from '../models.ts';
import { makeFolder, projectFolder } from '../project-folder.ts';
import { action, type CommandContext, withEmbedder } from './context.ts';

export function addEmbedCommand(bank: Command): void {
  withEmbedder(bank.command('embed'))
    .description('embed every entry with the embedder of the settings, which then serves; may be stopped and run again')
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl bank embed --embedder use-lite\n  skillrl bank embed --embedder compact',
    )
    .action(action(embed));
}

async function embed({ config, output, signal, progress }: CommandContext): Promise<void> {
  const { root, database } = projectFolder(config.folder);
  makeFolder(root);
  const chosen = embedder(config.embedder);
  // Two at once would embed the same texts twice.
  const lock = fileLock(join(root, 'embed.lock'), `embedding the bank in ${root}`);
  const store = sqlite({ path: database });
  try {
    const ports = { entries: store.entries, embedder: chosen, progress };
    const report = await reembed(ports, { namespace: config.namespace, signal });
    output.data(report);
    output.line(
      `${report.entries} entries: ${report.embedded} texts embedded, ${report.alreadyEmbedded} were; bank at revision ${report.revision}.`,
    );
    if (report.withoutDirection > 0)
      output.line(`${report.withoutDirection} have no known word: words alone find them.`);
    output.line(
      report.before === report.now
        ? `'${report.now}' serves, as before.`
        : `'${report.now}' serves now${report.before === undefined ? '' : `, instead of '${report.before}'`}.`,
    );
  } finally {
    await store.close();
    await chosen.close?.();
    lock.release();
  }
}
