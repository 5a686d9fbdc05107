import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '@skillrl/core';
import {
  answerChanges,
  builtinPolicies,
  builtinPolicyFolder,
  policyRegistry,
  type PolicyRegistry,
  readExport,
  weightChanges,
} from '@skillrl/drivers';
import type { Command } from 'commander';
import { z } from 'zod';

import { lastServer, publishPolicy, rollBackPolicy } from '../jobs/publish-policy.ts';
import { modelServer, modelServerForms } from '../model-servers.ts';
import { projectFolder } from '../project-folder.ts';
import { action, type CommandContext, withFolder } from './context.ts';
import { countOption } from './option-values.ts';
import { table } from './output.ts';
import { listPolicies } from './policy-list.ts';

interface ServerOption {
  readonly to?: string;
  readonly tokenizer?: string;
}

export function addPolicyCommands(program: Command): void {
  const policy = program
    .command('policy')
    .description('versions of the trained policy: take in, publish, go back, compare');
  withFolder(policy.command('list'), 'versions')
    .description('every version, where it came from and where it is live')
    .addHelpText('after', '\nExample:\n  skillrl policy list --json')
    .action(action((context) => listPolicies(context, registryOf(context))));
  withFolder(policy.command('add <export>'), 'versions')
    .description('take in the folder of weights that a trainer exported; its files are copied and hashed')
    .option('--as <version>', 'its name (the next free of v1, v2, …)')
    .option('--parent <version>', 'the version it was trained from')
    .addOption(countOption('--bank-revision <number>', 'of the bank it was trained with', 0))
    .addHelpText('after', '\nExample:\n  skillrl policy add ./export --as v12 --parent v11')
    .action(action(add));
  withServer(withFolder(policy.command('publish <version>'), 'versions'))
    .description('make a version answer at a server, ask it for a token, and make it live')
    .option('--no-live', 'only make it answer under its own name')
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl policy publish v12 --to llama-cpp\n  skillrl policy publish v12 --to ollama:my-policy',
    )
    .action(action(publish));
  withServer(withFolder(policy.command('rollback [version]'), 'versions'))
    .description('make the version live that was live before, or a given one')
    .addHelpText('after', '\nExamples:\n  skillrl policy rollback\n  skillrl policy rollback v11 --to ollama:my-policy')
    .action(action(rollback));
  withFolder(policy.command('diff <a> <b>'), 'versions')
    .description('how far the weights of two versions lie apart, part by part, and how differently they answer')
    .option('--prompts <file>', 'a text a line to compare them on (those recorded with the built-in policy)')
    .addHelpText('after', '\nExamples:\n  skillrl policy diff v11 v12\n  skillrl policy diff builtin:warm v12')
    .action(action(diff));
}

function withServer(command: Command): Command {
  return command
    .option('--to <server>', `${modelServerForms.join(', ')} (where the last publication went, else llama-cpp)`)
    .option('--tokenizer <gguf>', 'a GGUF file of the policy: with it the model strings of Ollama give token ids');
}

function registryOf({ config }: CommandContext): PolicyRegistry {
  return policyRegistry({ folder: projectFolder(config.folder).policies });
}

interface AddOptions {
  readonly as?: string;
  readonly parent?: string;
  readonly bankRevision?: number;
}

async function add(
  context: CommandContext,
  { as, parent, bankRevision }: AddOptions,
  [folder = '']: readonly string[],
): Promise<void> {
  const registry = registryOf(context);
  const version = as ?? nextVersion((await registry.list()).map((each) => each.version));
  if (parent !== undefined) await registry.get(parent);
  const checkpoint = await readExport(folder, { version, parent, bankRevision, createdAt: Date.now() });
  const added = await registry.add(checkpoint);
  context.output.data(added);
  context.output.line(`${added.version} is taken in: ${added.path}`);
  context.output.line(`skillrl policy publish ${added.version} makes it live.`);
}

function nextVersion(versions: readonly string[]): string {
  const numbers = versions.map((version) => Number(/^v(\d+)$/.exec(version)?.[1] ?? 0));
  return `v${Math.max(0, ...numbers) + 1}`;
}

async function publish(
  context: CommandContext,
  { live, ...options }: ServerOption & { readonly live: boolean },
  [version = '']: readonly string[],
): Promise<void> {
  const ports = await portsOf(context, options);
  const served = await publishPolicy(version, ports, { isLive: live });
  tell(context, { ...served, server: ports.server.id, live, liveModel: ports.server.liveModel });
}

async function rollback(context: CommandContext, options: ServerOption, [version]: readonly string[]): Promise<void> {
  const ports = await portsOf(context, options);
  const served = await rollBackPolicy(version, ports);
  tell(context, { ...served, server: ports.server.id, live: true, liveModel: ports.server.liveModel });
}

async function portsOf(context: CommandContext, { to, tokenizer }: ServerOption) {
  const registry = registryOf(context);
  const spec = to ?? (await lastServer(registry)) ?? 'llama-cpp';
  return { registry, server: modelServer(spec, { folder: context.config.folder, tokenizer }) };
}

interface Told {
  readonly version: string;
  readonly model: string;
  readonly server: string;
  readonly live: boolean;
  readonly liveModel: string;
}

function tell({ output }: CommandContext, told: Told): void {
  output.data(told);
  output.line(`${told.version} ${told.live ? 'is live' : 'answers'} at ${told.server}.`);
  output.line(`  this version always   ${told.model}`);
  if (told.live) output.line(`  the live one          ${told.liveModel}`);
}

async function diff(
  context: CommandContext,
  { prompts }: { readonly prompts?: string },
  [a = '', b = '']: readonly string[],
): Promise<void> {
  const { output } = context;
  const registry = registryOf(context);
  const [one, other] = [await weightsOf(a, registry), await weightsOf(b, registry)];
  const texts = prompts === undefined ? recordedTexts() : textsOf(prompts);
  const weights = await weightChanges(join(one, 'model.safetensors'), join(other, 'model.safetensors'));
  const answers = await answerChanges(join(one, 'model-f16.gguf'), join(other, 'model-f16.gguf'), texts);
  output.data({ a, b, weights, answers });
  output.line('Weights');
  for (const line of table([
    ['part', 'parameters', 'changed', 'distance', 'of their norm'],
    ...weights.map(({ part, parameters, changed, distance, relative }) => [
      part,
      parameters,
      changed,
      distance.toPrecision(3),
      `${(relative * 100).toFixed(2)} %`,
    ]),
  ]))
    output.line(`  ${line}`);
  output.line();
  output.line(`Answers, on ${answers.texts} texts, ${answers.tokens} tokens`);
  for (const line of table([
    ['mean |Δ log p|', `${answers.meanLogprobDifference.toFixed(4)} nats a token`],
    ['largest', `${answers.largestLogprobDifference.toFixed(3)} nats`],
    [`KL(${a} ‖ ${b})`, `${answers.divergence.toFixed(4)} nats a token`],
    ['same likeliest token', `${(answers.agreement * 100).toFixed(1)} %`],
  ]))
    output.line(`  ${line}`);
}

/** The folder of a version's weights; `builtin:warm` and `builtin:base` are versions, too. */
async function weightsOf(name: string, registry: PolicyRegistry): Promise<string> {
  const builtin = builtinPolicies.find((each) => name === `builtin:${each}`);
  return builtin === undefined ? (await registry.get(name)).path : builtinPolicyFolder(builtin);
}

const recordedSchema = z.object({ prompts: z.array(z.object({ prompt: z.string(), completion: z.string() })) });

function recordedTexts(): readonly string[] {
  const path = join(builtinPolicyFolder('base'), 'parity.json');
  const { prompts } = recordedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  return prompts.map(({ prompt, completion }) => prompt + completion);
}

/** @throws {InputError} `PROMPTS_MISSING` */
function textsOf(path: string): readonly string[] {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split(/\r?\n/).filter(Boolean) : [];
  if (lines.length > 0) return lines;
  throw new InputError({
    code: 'PROMPTS_MISSING',
    message: `There are no texts in ${path}.`,
    hint: 'Give a file with a text a line.',
  });
}
