import { bankEntrySchema, contentHash, type BankEntry, type Principle } from '@skillrl/core';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';

import { withTokens } from '../../distillation/make-entry.ts';
import {
  bodyHash,
  bodyHashName,
  entryKeyName,
  foreignCluster,
  skillBody,
  skillDescription,
  skillName,
  type AgentSkill,
} from './write-skill.ts';

export interface ReadSkillOptions {
  readonly namespace: string;
  readonly now: number;
}

/**
 * The entry of a skill, or why it is none. `written`: the entry that we wrote, whole; `edited`: ours, its text changed since; `foreign`: somebody
 * else's; `unlike`: it carries an entry that its text does not show, as an older version of the program may have written it, or a forger.
 */
export type ReadSkill =
  | { readonly entry: BankEntry; readonly as: 'written' | 'edited' | 'foreign' | 'unlike' }
  | { readonly reason: string };

const longestFile = 10 * 1024 * 1024;
const longestBody = 20_000;

const head = z.object({
  name: z.string().min(1).max(64),
  description: z.string().trim().min(1).max(1024),
  license: z.string().optional(),
  compatibility: z.string().max(500).optional(),
  metadata: z.record(z.string(), z.string()).default({}),
  'allowed-tools': z.union([z.string(), z.array(z.string())]).optional(),
});

/**
 * Reads an Agent Skill. One that we wrote and nobody edited is the entry that it was; where its text shows something else than the entry in
 * its head, the entry is quarantined, for it is not what a person saw. Another is somebody's text: it becomes a principle in quarantine, and
 * what its head says is kept for the way back.
 *
 * The head proves nothing about who wrote it: whether its status counts is for the caller to say.
 */
export function readSkill({ name, text }: AgentSkill, { namespace, now }: ReadSkillOptions): ReadSkill {
  if (text.length > longestFile) return { reason: `SKILL.md is longer than ${longestFile} characters.` };
  const parts = /^\uFEFF?---[^\S\n]*\r?\n([\s\S]*?)\r?\n---[^\S\n]*(?:\r?\n([\s\S]*))?$/u.exec(text);
  if (parts === null) return { reason: 'SKILL.md does not begin with a head between two lines of ---.' };
  const parsed = head.safeParse(yamlOf(parts[1] ?? ''));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      reason: `The head of SKILL.md does not fit: ${issue?.path.join('.') || 'head'}: ${issue?.message ?? 'invalid'}.`,
    };
  }
  if (parsed.data.name.normalize('NFKC') !== name.normalize('NFKC')) {
    return { reason: `The skill is named '${parsed.data.name}' but its folder '${name}'.` };
  }
  const body = (parts[2] ?? '').trim();
  const own = ourEntry(parsed.data.metadata, namespace);
  if (own !== undefined && parsed.data.metadata[bodyHashName] === bodyHash(body)) {
    return shows(own, parsed.data, body)
      ? { entry: own, as: 'written' }
      : { entry: { ...own, status: 'quarantined' }, as: 'unlike' };
  }
  if (body.length > longestBody) return { reason: `The text is longer than ${longestBody} characters.` };
  const made = bankEntrySchema.safeParse(principleOf(parsed.data, body, own, { namespace, now }));
  if (made.success) return { entry: made.data, as: own === undefined ? 'foreign' : 'edited' };
  const issue = made.error.issues[0];
  return { reason: `It does not fit an entry: ${issue?.path.join('.')}: ${issue?.message ?? 'invalid'}.` };
}

/** Whether a person who reads the skill reads the entry. */
function shows(entry: BankEntry, { name, description }: z.infer<typeof head>, body: string): boolean {
  return (
    skillName(entry) === name &&
    skillDescription(entry).toWellFormed() === description &&
    bodyHash(skillBody(entry).toWellFormed()) === bodyHash(body)
  );
}

/** All scalars as texts, no anchors that could blow up. `undefined` where it is no YAML. */
function yamlOf(text: string): unknown {
  try {
    return parseYaml(text, { schema: 'failsafe', maxAliasCount: 0, uniqueKeys: true }) as unknown;
  } catch {
    return undefined;
  }
}

function ourEntry(metadata: Readonly<Record<string, string>>, namespace: string): BankEntry | undefined {
  const text = metadata[entryKeyName];
  if (text === undefined) return undefined;
  try {
    const parsed = bankEntrySchema.safeParse(JSON.parse(text));
    return parsed.success ? { ...parsed.data, namespace } : undefined;
  } catch {
    return undefined;
  }
}

function principleOf(
  skill: z.infer<typeof head>,
  body: string,
  edited: BankEntry | undefined,
  { namespace, now }: ReadSkillOptions,
): Principle {
  const { name, description, metadata, ...rest } = skill;
  const foreign = Object.entries({ ...metadata, ...rest }).flatMap(([key, value]) =>
    key.startsWith('skillrl-') || value === undefined ? [] : [[key, Array.isArray(value) ? value.join(' ') : value]],
  );
  const isOurs = edited?.kind === 'principle';
  return withTokens<Principle>({
    id: isOurs ? edited.id : `principle_${contentHash(`agent-skill\u0000${name}`).slice(0, 24)}`,
    version: isOurs ? edited.version + 1 : 1,
    ...(isOurs && { parentVersion: edited.version }),
    namespace,
    scope: 'task',
    cluster: edited?.cluster ?? `${foreignCluster}${name}`,
    title: /^#\s+(.{1,500})$/mu.exec(body)?.[1]?.trim() || name,
    kind: 'principle',
    body: { principle: body === '' ? description : body, appliesWhen: description },
    evidence: edited?.evidence ?? [],
    status: 'quarantined',
    madeBy: { method: 'agent-skill' },
    ...(foreign.length > 0 && { metadata: Object.fromEntries(foreign) as Record<string, string> }),
    createdAt: now,
  });
}
