import { contentHash, type BankEntry } from '@skillrl/core';

import { entryProse } from '../../bank/entry-text.ts';
import { canonicalJson } from '../canonical-json.ts';

/** A folder of the Agent Skills format with its one file. Source: https://agentskills.io/specification, as of August 2026. */
export interface AgentSkill {
  /** The folder's name and the skill's: 1 to 64 lower-case letters, digits and single hyphens. */
  readonly name: string;
  /** The text of `SKILL.md`. */
  readonly text: string;
}

const mostDescription = 1024;
const mostName = 64;
/** So many characters of the id's hash end a name, so that equal titles have names of their own. */
const idLength = 8;

/** The keys under `metadata` that are ours. */
export const entryKeyName = 'skillrl-entry';
export const bodyHashName = 'skillrl-body-sha256';

/**
 * An entry as an Agent Skill. What the text cannot say stands under `metadata`, so that reading it back gives the same entry, unless somebody
 * edited the text in between.
 */
export function writeSkill(entry: BankEntry): AgentSkill {
  const name = skillName(entry);
  const body = `# ${oneLine(entry.title)}\n\n${entryProse(entry).split('\n').slice(1).join('\n')}\n`;
  const metadata = {
    ...Object.fromEntries(Object.entries(entry.metadata ?? {}).filter(([key]) => !key.startsWith('skillrl-'))),
    [entryKeyName]: canonicalJson(entry),
    [bodyHashName]: bodyHash(body),
  };
  const lines = [
    '---',
    `name: ${quoted(name)}`,
    `description: ${quoted(description(entry))}`,
    'metadata:',
    ...Object.entries(metadata).map(([key, value]) => `  ${quoted(key)}: ${quoted(value)}`),
    '---',
    '',
    body,
  ];
  return { name, text: lines.join('\n') };
}

/** What a later reader compares to see whether the text was edited; white space at the ends does not count. */
export function bodyHash(body: string): string {
  return contentHash(body.replaceAll('\r\n', '\n').trim());
}

function skillName({ id, title }: BankEntry): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .slice(0, mostName - idLength - 1)
    .replaceAll(/^-+|-+$/gu, '');
  const end = contentHash(id).slice(0, idLength);
  return slug === '' ? `skill-${end}` : `${slug}-${end}`;
}

function description(entry: BankEntry): string {
  const when =
    entry.kind === 'demonstration' ? `Use it to ${entry.body.goal}` : `Use it when ${entry.body.appliesWhen}`;
  return cut(oneLine(`${entry.title}. ${when}`), mostDescription);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim();
}

/** At most so many characters, no sign cut in two. */
function cut(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\uFFFD$/u, '')}…`;
}

/**
 * A double-quoted scalar, which every YAML reader takes for a text. Readers that look for `---` to find the end of the head must not find it
 * within a text.
 */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll('---', String.raw`-\u002d-`);
}
