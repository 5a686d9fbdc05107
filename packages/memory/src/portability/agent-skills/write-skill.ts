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

export interface WriteSkillOptions {
  /**
   * Whether the entry itself stands in the head, so that reading it back gives the same entry. Without it the text is for reading only, and
   * less than half as long. Default `true`.
   */
  readonly withEntry?: boolean;
  /** Most characters of the description, 16 to 1024. Default 1024, the format's own limit. */
  readonly mostDescription?: number;
}

const mostName = 64;
/** So many characters of the id's hash end a name, so that equal titles have names of their own. */
const idLength = 8;
const validName = /^[a-z0-9]+(?:-[a-z0-9]+)*$/u;

/** The keys under `metadata` that are ours. */
export const entryKeyName = 'skillrl-entry';
export const bodyHashName = 'skillrl-body-sha256';
/** What a skill that came in says of itself beside its name, its description and `metadata`: kept there, and written where it stood. */
export const headKeys = ['license', 'compatibility', 'allowed-tools'] as const;
/** A skill that came in keeps its name as its entry's cluster, behind this. */
export const foreignCluster = 'agent-skill ';

/**
 * An entry as an Agent Skill. What the text cannot say stands under `metadata`, so that reading it back gives the same entry, unless somebody
 * edited the text in between. A skill that came from elsewhere goes out as it came.
 */
export function writeSkill(entry: BankEntry, options: WriteSkillOptions = {}): AgentSkill {
  const { withEntry = true, mostDescription = 1024 } = options;
  const name = skillName(entry);
  const body = skillBody(entry);
  const own = { [entryKeyName]: canonicalJson(entry), [bodyHashName]: bodyHash(body) };
  const head = [
    '---',
    `name: ${quoted(name)}`,
    `description: ${quoted(skillDescription(entry, mostDescription))}`,
    ...(withEntry ? metadataLines(entry, own) : []),
    '---',
  ];
  return { name, text: `${head.join('\n')}\n\n${body}\n` };
}

/** The folder's name of an entry. */
export function skillName({ id, title, ...entry }: BankEntry): string {
  const end = contentHash(id).slice(0, idLength);
  const foreign = isForeign(entry) && entry.cluster.startsWith(foreignCluster);
  const own = foreign ? entry.cluster.slice(foreignCluster.length) : '';
  if (own.length <= mostName && validName.test(own)) return own;
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .slice(0, mostName - idLength - 1)
    .replaceAll(/^-+|-+$/gu, '');
  return slug === '' ? `skill-${end}` : `${slug}-${end}`;
}

/** What an agent decides by whether to read the skill: what it is and when to use it, in one line. */
export function skillDescription(entry: BankEntry, most = 1024): string {
  return cut(oneLine(describing(entry)) || skillName(entry), most);
}

/** The text below the head, without white space at its ends. */
export function skillBody(entry: BankEntry): string {
  if (isForeign(entry)) return entry.body.principle.trim();
  return `# ${oneLine(entry.title)}\n\n${entryProse(entry).split('\n').slice(1).join('\n')}`.trim();
}

/** What a later reader compares to see whether the text was edited; white space at the ends does not count. */
export function bodyHash(body: string): string {
  return contentHash(body.replaceAll('\r\n', '\n').trim());
}

function describing(entry: BankEntry): string {
  if (isForeign(entry)) return entry.body.appliesWhen;
  const when =
    entry.kind === 'demonstration' ? `Use it to ${entry.body.goal}` : `Use it when ${entry.body.appliesWhen}`;
  return `${entry.title}. ${when}`;
}

/** Whether it came in as a skill's text: that is its principle, and it applies when the description says. */
function isForeign<Entry extends Pick<BankEntry, 'kind' | 'madeBy'>>(
  entry: Entry,
): entry is Entry & { readonly kind: 'principle' } {
  return entry.kind === 'principle' && entry.madeBy.method === 'agent-skill';
}

function metadataLines(entry: BankEntry, own: Readonly<Record<string, string>>): string[] {
  const kept = Object.entries(entry.metadata ?? {}).filter(([key]) => !key.startsWith('skillrl-'));
  const isHead = ([key, text]: readonly [string, string]): boolean =>
    isForeign(entry) && (headKeys as readonly string[]).includes(key) && text.length > 0 && text.length <= 500;
  const line = ([key, text]: readonly [string, string]): string => `${quoted(key)}: ${quoted(text)}`;
  return [
    ...kept.filter(isHead).map(([key, text]) => `${key}: ${quoted(text)}`),
    'metadata:',
    ...[...kept.filter((pair) => !isHead(pair)), ...Object.entries(own)].map((pair) => `  ${line(pair)}`),
  ];
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
 * within a text, however many hyphens follow one another, and some refuse what cannot be printed, or end a line there.
 */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed())
    .replaceAll('--', String.raw`-\u002d`)
    .replaceAll(/[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/gu, escaped);
}

function escaped(sign: string): string {
  return String.raw`\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
