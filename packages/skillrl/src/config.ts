import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ConfigError } from '@skillrl/core';
import { z } from 'zod';

/** Every setting, its meaning and its default. Nothing else in the project has defaults of its own for these. */
export const configSchema = z.object({
  folder: z.string().min(1).default('.skillrl').describe('where the bank, runs and reports are kept'),
  namespace: z.string().min(1).default('default').describe('the tenant whose entries are read and written'),
  model: z
    .string()
    .min(1)
    .default('builtin:base')
    .describe('the policy’s model: builtin:base, ollama:NAME, openai:NAME@URL, llama:FILE, policy:live'),
  embedder: z
    .string()
    .min(1)
    .default('compact')
    .describe('what turns texts into vectors: compact, ollama:NAME, openai:NAME@URL, use-lite, transformers:NAME'),
  workers: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .default(Math.max(1, Math.min(4, availableParallelism())))
    .describe('threads that play episodes'),
  budgetTokens: z.coerce
    .number()
    .int()
    .min(0)
    .max(100_000)
    .default(400)
    .describe('most tokens of entries in one prompt'),
  embedderTimeoutMs: z.coerce
    .number()
    .int()
    .min(1)
    .default(2_000)
    .describe('after this the lexical half answers alone'),
  withholding: z.coerce
    .number()
    .min(0)
    .max(0.9)
    .default(0.05)
    .describe('probability with which a chosen entry is held back, to measure its effect'),
  temperature: z.coerce.number().min(0).max(5).default(0.7).describe('of the policy’s sampling'),
});

export type Config = z.infer<typeof configSchema>;
export type ConfigKey = keyof Config;

export interface ConfigValue {
  readonly key: ConfigKey;
  readonly value: unknown;
  /** `default`, the file's path, the environment variable, or the flag. */
  readonly source: string;
  readonly meaning: string;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly values: readonly ConfigValue[];
}

export interface ConfigSources {
  /** Where `skillrl.config.ts` is looked for. Default: the current folder. */
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Named like the settings; `undefined` says nothing. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

const keys = Object.keys(configSchema.shape) as ConfigKey[];
const fileNames = ['skillrl.config.ts', 'skillrl.config.js', 'skillrl.config.mjs'];

/**
 * Settings from the defaults, overridden by `skillrl.config.ts`, then by `SKILLRL_…` variables, then by flags.
 *
 * @throws {ConfigError} `CONFIG_INVALID` naming the setting, its value and where it came from.
 */
export async function loadConfig({
  directory = process.cwd(),
  environment = process.env,
  flags = {},
}: ConfigSources = {}): Promise<LoadedConfig> {
  const file = await readConfigFile(directory);
  const given = new Map<ConfigKey, { value: unknown; source: string }>();
  for (const key of keys) {
    const variable = environmentName(key);
    if (flags[key] !== undefined) given.set(key, { value: flags[key], source: `--${kebabCase(key)}` });
    else if (environment[variable] !== undefined && environment[variable] !== '')
      given.set(key, { value: environment[variable], source: variable });
    else if (file !== undefined && file.settings[key] !== undefined)
      given.set(key, { value: file.settings[key], source: file.path });
  }
  const result = configSchema.safeParse(Object.fromEntries([...given].map(([key, { value }]) => [key, value])));
  if (!result.success) {
    const issue = result.error.issues[0];
    const key = issue?.path[0] as ConfigKey | undefined;
    const origin = key === undefined ? undefined : given.get(key);
    throw new ConfigError({
      code: 'CONFIG_INVALID',
      message: `The setting '${key}' cannot be ${JSON.stringify(origin?.value)} (from ${origin?.source}): ${issue?.message}.`,
      hint: key === undefined ? undefined : `It is ${configSchema.shape[key].description}.`,
    });
  }
  const values = keys.map((key) => ({
    key,
    value: result.data[key],
    source: given.get(key)?.source ?? 'default',
    meaning: configSchema.shape[key].description ?? '',
  }));
  return { config: result.data, values };
}

async function readConfigFile(
  directory: string,
): Promise<{ path: string; settings: Readonly<Record<string, unknown>> } | undefined> {
  const path = fileNames.map((name) => resolve(directory, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) return undefined;
  let settings: unknown;
  try {
    settings = ((await import(pathToFileURL(path).href)) as { default?: unknown }).default;
  } catch (cause) {
    throw new ConfigError({
      code: 'CONFIG_UNREADABLE',
      message: `${path} could not be loaded: ${String(cause)}`,
      hint: 'It must be a module with a default export.',
      cause,
    });
  }
  if (typeof settings !== 'object' || settings === null) {
    throw new ConfigError({
      code: 'CONFIG_INVALID',
      message: `${path} has no default export that is an object.`,
      hint: "Write `export default { model: 'builtin:base' }`.",
    });
  }
  const unknown = Object.keys(settings).find((key) => !keys.includes(key as ConfigKey));
  if (unknown !== undefined) {
    throw new ConfigError({
      code: 'CONFIG_INVALID',
      message: `${path} sets '${unknown}', which is no setting.`,
      hint: `Settings: ${keys.join(', ')}.`,
    });
  }
  return { path, settings: settings as Record<string, unknown> };
}

/** `budgetTokens` → `SKILLRL_BUDGET_TOKENS`. */
export function environmentName(key: string): string {
  return `SKILLRL_${kebabCase(key).replaceAll('-', '_').toUpperCase()}`;
}

function kebabCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
