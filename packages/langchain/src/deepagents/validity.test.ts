import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { BankEntry } from '@skillrl/core';
import { readSkill, skillDescription, writeSkill } from '@skillrl/memory';
import { aDemonstration, aLesson, aPrinciple, temporaryFolder } from '@skillrl/testing';
import { listSkills } from 'deepagents';
import fc from 'fast-check';
import { validate } from 'skills-ref';
import { expect, it, vi } from 'vitest';

/** Titles that a reader of YAML, of Markdown, of names or of prompts may stumble over. */
const oddTitles = [
  '---',
  '-----',
  '- - -',
  '...',
  ': {x: [1, 2',
  '"quoted" \'twice\'',
  '# not a comment',
  '!!js/function x',
  '&a *a',
  '%YAML 1.1',
  '<<: merge',
  '漢字のタイトル',
  'Größe über alles',
  'İstanbul ılık',
  '🍵 tea',
  '\u0000\u0007\u001b[31m',
  'a\u0085b\u2028c\u2029d\ufeff',
  'line\nbreak\r\nand\ttab',
  'ﬁ ligature ½',
  '../../etc/passwd',
  'CON',
  '<script>alert(1)</script>',
  'x'.repeat(500),
  '-'.repeat(70),
  'null',
  '0x10',
  '~',
  'ends with a hyphen-',
];

function entriesOf(texts: readonly string[]): BankEntry[] {
  return texts.map((text, number) => {
    const [id, title] = [`entry-${number}`, text];
    const metadata = { license: text, compatibility: text, [`key ${text}`.slice(0, 200)]: text };
    if (number % 3 === 0) return aLesson({ id, title, metadata });
    const body = { principle: text, appliesWhen: text };
    if (number % 6 === 1) return aPrinciple({ id, title, metadata, body });
    if (number % 6 === 4) return aPrinciple({ id, title, metadata, body, madeBy: { method: 'agent-skill' } });
    return aDemonstration({ id, title, metadata, body: { goal: text, steps: [{ action: text }], result: text } });
  });
}

it('300 entries with odd texts are valid for the public validator and for deepagents, and read back equal', async () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).map((one) => one.toWellFormed());
  const texts = [...oddTitles, ...fc.sample(text, { numRuns: 300 - oddTitles.length, seed: 7 })];
  const root = temporaryFolder();
  const entries = entriesOf(texts);
  for (const entry of entries) {
    const skill = writeSkill(entry);
    const folder = join(root, skill.name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'SKILL.md'), skill.text);
    expect({ title: entry.title, problems: await validate(folder) }).toEqual({ title: entry.title, problems: [] });
    expect(readSkill(skill, { namespace: entry.namespace, now: 1 })).toEqual({ entry, as: 'written' });
  }
  const warn = vi.spyOn(console, 'warn');
  const listed = listSkills({ projectSkillsDir: root });
  expect(warn).not.toHaveBeenCalled();
  const descriptions = new Map(listed.map(({ name, description }) => [name, description]));
  expect(descriptions.size).toBe(entries.length);
  for (const entry of entries) {
    expect(descriptions.get(writeSkill(entry).name)).toBe(skillDescription(entry).trim());
  }
});
