import type { Command } from 'commander';

import { chatModel } from '../models.ts';

import { openSkillMemory } from '../open-skill-memory.ts';
import { action, withEmbedder } from './context.ts';

interface LearnCommandOptions {
  readonly distiller?: string;
  readonly episode?: readonly string[];
}

export function addLearnCommand(program: Command): void {
  withEmbedder(program.command('learn'))
    .description('distil finished training episodes: successes into demonstrations, failures into lessons')
    .option(
      '--distiller <model>',
      'a chat model that writes the lessons, such as ollama:qwen3:4b (default: contrastive, no model)',
    )
    .option('--episode <id...>', 'only these episodes')
    .addHelpText('after', '\nExamples:\n  skillrl learn\n  skillrl learn --distiller ollama:qwen3:4b')
    .action(
      action<LearnCommandOptions>(async ({ config, output, signal, progress }, { distiller, episode }) => {
        const distillerModel = distiller === undefined ? undefined : chatModel(distiller);
        await using memory = await openSkillMemory(config.folder, { ...config, distillerModel, progress });
        const report = await memory.learn({ episodeIds: episode, signal });
        output.data(report);
        output.line(
          `${report.read} episodes read, ${report.distilled} distilled; bank at revision ${report.revision}.`,
        );
        output.line(
          `added ${report.added.length}, merged ${report.merged.length}, quarantined ${report.quarantined.length}, rejected ${report.rejected.length}.`,
        );
        for (const { reason, episodeId } of report.rejected) output.line(`  rejected from ${episodeId}: ${reason}`);
        const skipped = Object.entries(report.skipped).filter(([, count]) => count > 0);
        if (skipped.length > 0)
          output.line(`skipped: ${skipped.map(([reason, count]) => `${count} ${reason}`).join(', ')}`);
        if (report.spent.calls > 0)
          output.line(
            `spent: ${report.spent.calls} calls, ${report.spent.promptTokens + report.spent.completionTokens} tokens`,
          );
      }),
    );
}
