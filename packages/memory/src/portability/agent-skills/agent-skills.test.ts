import { aDemonstration, aLesson, aPrinciple } from '@skillrl/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readSkill } from './read-skill.ts';
import { writeSkill } from './write-skill.ts';

const options = { namespace: 'default', now: 1 };

describe('an entry as an Agent Skill', () => {
  it('reads back as it was, whatever its texts hold', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(text, text, text, (title, goal, action) => {
        const entry = aDemonstration({ title, body: { goal, steps: [{ action }], result: '---\n"x": {y}' } });
        const skill = writeSkill(entry);
        expect(skill.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/u);
        expect(skill.name.length).toBeLessThanOrEqual(64);
        expect(readSkill(skill, options)).toEqual({ entry, as: 'written' });
      }),
      { numRuns: 300 },
    );
  });

  it('goes into the namespace that reads it', () => {
    const entry = aLesson();
    expect(readSkill(writeSkill(entry), { namespace: 'other', now: 1 })).toEqual({
      entry: { ...entry, namespace: 'other' },
      as: 'written',
    });
  });

  it('has a name of its own for equal titles', () => {
    expect(writeSkill(aLesson({ id: 'a' })).name).not.toBe(writeSkill(aLesson({ id: 'b' })).name);
    expect(writeSkill(aLesson({ title: '漢字' })).name).toMatch(/^skill-/u);
  });

  it('has no three hyphens in a row between its head lines, which some readers take for its end', () => {
    for (const count of [3, 4, 5, 6, 7, 11]) {
      const { text } = writeSkill(aLesson({ title: `a ${'-'.repeat(count)} b` }));
      expect(text.slice(3, text.indexOf('\n---\n'))).not.toContain('---');
    }
  });

  it('for reading only is the same text without the entry', () => {
    const entry = aLesson();
    const [whole, short] = [writeSkill(entry), writeSkill(entry, { withEntry: false, mostDescription: 40 })];
    expect(short.name).toBe(whole.name);
    expect(short.text).not.toContain('metadata');
    expect(/^description: "(.*)"$/mu.exec(short.text)?.[1]?.length).toBeLessThanOrEqual(40);
    expect(short.text.split('\n---\n')[1]).toBe(whole.text.split('\n---\n')[1]);
  });

  it('that shows another text than the entry it carries is not served', () => {
    const [shown, carried] = [aPrinciple({ id: 'p', title: 'Be kind' }), aPrinciple({ id: 'p', title: 'Be cruel' })];
    const line = (text: string, key: string) => text.split('\n').find((one) => one.includes(key))!;
    const { name, text } = writeSkill(shown);
    const forged = text.replace(line(text, 'skillrl-entry'), line(writeSkill(carried).text, 'skillrl-entry'));
    expect(readSkill({ name, text: forged }, options)).toMatchObject({
      as: 'unlike',
      entry: { status: 'quarantined' },
    });
  });

  it('whose text was edited is a new version in quarantine', () => {
    const entry = aPrinciple({ id: 'p', version: 3, status: 'active' });
    const { name, text } = writeSkill(entry);
    const read = readSkill({ name, text: `${text}\nAnd always look twice.` }, options);
    expect(read).toMatchObject({
      entry: {
        id: 'p',
        version: 4,
        parentVersion: 3,
        status: 'quarantined',
        body: { principle: expect.stringContaining('look twice') },
      },
    });
  });
});

describe('a skill of somebody else', () => {
  const foreign = [
    '---',
    'name: brew-coffee',
    'description: Brews coffee. Use it when somebody asks for coffee.',
    'license: MIT',
    'metadata:',
    '  author: somebody',
    '  version: 1.0',
    'allowed-tools: Bash Read',
    '---',
    '# Brew coffee',
    '',
    'Grind first.',
  ].join('\n');

  it('becomes a principle in quarantine that keeps what its head says', () => {
    expect(readSkill({ name: 'brew-coffee', text: foreign }, options)).toMatchObject({
      entry: {
        kind: 'principle',
        status: 'quarantined',
        title: 'Brew coffee',
        body: {
          principle: '# Brew coffee\n\nGrind first.',
          appliesWhen: 'Brews coffee. Use it when somebody asks for coffee.',
        },
        metadata: { author: 'somebody', version: '1.0', license: 'MIT', 'allowed-tools': 'Bash Read' },
        madeBy: { method: 'agent-skill' },
      },
    });
  });

  it('goes out as it came, and comes back as it was', () => {
    const read = readSkill({ name: 'brew-coffee', text: foreign }, options);
    const again = 'entry' in read ? writeSkill(read.entry) : undefined;
    expect(again?.name).toBe('brew-coffee');
    expect(again?.text).toContain('description: "Brews coffee. Use it when somebody asks for coffee."');
    expect(again?.text).toContain('\nlicense: "MIT"\n');
    expect(again?.text.split('\n---\n')[1]?.trim()).toBe('# Brew coffee\n\nGrind first.');
    expect(readSkill(again!, options)).toEqual({ ...read, as: 'written' });
  });

  it('has the same id when it is read again', () => {
    const ids = [1, 2].map(() => readSkill({ name: 'brew-coffee', text: foreign }, options));
    expect(ids[0]).toEqual(ids[1]);
  });

  for (const [what, name, text] of [
    ['no head', 'x', 'just text'],
    ['a head without end', 'x', '---\nname: x\ndescription: y\n'],
    ['no description', 'x', '---\nname: x\n---\n'],
    ['a blank description', 'x', '---\nname: x\ndescription: "  "\n---\n'],
    ['another name than its folder', 'y', '---\nname: x\ndescription: z\n---\n'],
    ['a head that is no YAML', 'x', '---\nname: [x\n---\n'],
    ['an alias', 'x', '---\nname: &a x\ndescription: *a\n---\n'],
    ['a key too long for an entry', 'x', `---\nname: x\ndescription: z\nmetadata:\n  ${'k'.repeat(201)}: v\n---\n`],
    ['a text that is too long', 'x', `---\nname: x\ndescription: z\n---\n${'a'.repeat(20_001)}`],
  ] as const) {
    it(`is refused with a reason: ${what}`, () => {
      expect(readSkill({ name, text }, options)).toEqual({ reason: expect.any(String) });
    });
  }
});
