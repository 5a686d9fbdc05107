import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import { ModelError, SkillError, StoreError } from '@skillrl/core';
import { isHnswAvailable, savedIndexFiles, sqlite, verifyBank } from '@skillrl/drivers';
import { configuredModel, embedder } from '../models.ts';
import { openGames } from '@skillrl/environments';

import { makeFolder, projectFolder } from '../project-folder.ts';
import { action, type CommandContext, withPlaySettings } from './context.ts';
import { exitCodeOf, table } from './output.ts';
import { describeSavedIndex, savedIndexes } from './saved-indexes.ts';

interface Finding {
  readonly what: string;
  readonly state: 'good' | 'missing' | 'broken';
  readonly detail: string;
  readonly error?: unknown;
}

export function addDoctorCommand(program: Command): void {
  withPlaySettings(program.command('doctor'))
    .description('every setting and where it came from; what works here and what does not')
    .addHelpText('after', '\nExample:\n  skillrl doctor --model ollama:qwen3:4b')
    .action(action(doctor));
}

async function doctor({ config, settings, output }: CommandContext): Promise<void> {
  output.line('Settings');
  for (const line of table(
    settings.values.map(({ key, value, source, meaning }) => [key, String(value), `from ${source}`, meaning]),
  ))
    output.line(`  ${line}`);

  const findings = [
    await check('Node', () => `${process.version}`),
    await check('store', async () => {
      const { root, database } = projectFolder(config.folder);
      makeFolder(root);
      const store = sqlite({ path: database });
      const revision = await store.entries.revision();
      const serving = await store.entries.servingEmbedder(config.namespace);
      await store.close();
      return `${database}, bank at revision ${revision}${serving === undefined ? '' : `, embedded by ${serving}`}`;
    }),
    await checkBank(config.folder),
    ...(await indexFindings(config.folder)),
    await check('model', async () => {
      const model = configuredModel(config);
      const { text } = await model.chat({
        prompt: model.capabilities.messages ? [{ role: 'user', content: 'Say yes.' }] : 'task',
        maxTokens: 4,
        temperature: 0,
      });
      await model.close?.();
      return `${model.id} answers ${JSON.stringify(text.slice(0, 40))}`;
    }),
    await check('embedder', async () => {
      const found = embedder(config.embedder);
      const [vector] = await found.embed(['mug']);
      return `${found.id}, ${vector?.length} dimensions`;
    }),
    isHnswAvailable()
      ? { what: 'hnswlib-node', state: 'good' as const, detail: 'compiled' }
      : {
          what: 'hnswlib-node',
          state: 'missing' as const,
          detail:
            'not compiled: the exact flat index serves, with the same results; a C++ compiler brings it with the next npm start',
        },
    await check('ALFWorld games', async () => {
      const games = await openGames();
      return `${games.folder}: ${games.splits.join(', ')}`;
    }),
    { what: 'built-in games', state: 'good' as const, detail: 'generated houses need no data' },
  ].map((finding: Finding): Finding =>
    finding.state === 'broken' && isOptional(finding) ? { ...finding, state: 'missing' } : finding,
  );

  output.line();
  output.line('What is here');
  for (const line of table(findings.map(({ what, state, detail }) => [state === 'good' ? 'ok' : state, what, detail])))
    output.line(`  ${line}`);
  output.data({
    settings: settings.values,
    findings,
    folder: { path: projectFolder(config.folder).root, exists: existsSync(config.folder) },
  });
  const broken = findings.find(({ state }) => state === 'broken');
  if (broken !== undefined) process.exitCode = exitCodeOf(broken.error);
}

/** What a project can do without: a memory over a model of the user's own needs neither games nor a model in the process. */
function isOptional({ what, error }: Finding): boolean {
  return what === 'ALFWorld games' || (error instanceof ModelError && error.code === 'LLAMA_CPP_MISSING');
}

/** Looks for damage that shows quickly; a missing bank has none. */
async function checkBank(folder: string): Promise<Finding> {
  const { database } = projectFolder(folder);
  return check('bank', async () => {
    const { findings, damage, entries, episodes } = await verifyBank(database, { isQuick: true });
    const [first] = damage;
    if (first === undefined) {
      return `${entries} entries, ${episodes} episodes, no damage at a quick look; skillrl bank verify reads every row`;
    }
    throw new StoreError({
      code: 'BANK_DAMAGED',
      message: `${database} is damaged: ${first.what}${findings > 1 ? ` (and ${findings - 1} more findings)` : ''}`,
      hint: `${first.remedy} skillrl bank verify names all that is damaged.`,
    });
  });
}

/** The saved indexes, each verified. A damaged one costs time only. */
async function indexFindings(folder: string): Promise<Finding[]> {
  const { database, indexes } = projectFolder(folder);
  const found = await savedIndexes(savedIndexFiles({ folder: indexes }), { isVerified: true });
  if (found.length === 0) return [{ what: 'saved index', state: 'good', detail: 'none: a small bank needs none' }];
  const store = sqlite({ path: database });
  const latest = await store.entries.revision();
  await store.close();
  return found.map((index) => ({
    what: 'saved index',
    state: index.damage === undefined ? 'good' : 'missing',
    detail: describeSavedIndex(index, latest),
  }));
}

async function check(what: string, look: () => Promise<string> | string): Promise<Finding> {
  try {
    return { what, state: 'good', detail: await look() };
  } catch (error) {
    const hint = error instanceof SkillError && error.hint !== undefined ? ` ${error.hint}` : '';
    return { what, state: 'broken', detail: `${error instanceof Error ? error.message : String(error)}${hint}`, error };
  }
}
