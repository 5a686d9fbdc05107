import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { SkillFolder } from '@skillrl/memory';
import { temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { readSkillFolders } from './read-skill-folders.ts';
import { type WrittenFolder, writeSkillFolders } from './write-skill-folders.ts';

const mugs = { name: 'find-mugs', text: '---\nname: find-mugs\ndescription: Finds mugs.\n---\nLook up.\n' };

async function written(root: string, skills: readonly { name: string; text: string }[], force = false) {
  const told: WrittenFolder[] = [];
  const counts = await writeSkillFolders(root, skills, { force, onFolder: (one) => void told.push(one) });
  return { counts, told };
}

const read = (root: string): Promise<SkillFolder[]> => Array.fromAsync(readSkillFolders(root));

describe('skills as folders', () => {
  it('are written whole, and read back as they are', async () => {
    const root = join(temporaryFolder(), 'deep', 'skills');
    const other = { ...mugs, name: 'a-b' };
    expect((await written(root, [mugs, other])).counts).toMatchObject({ written: 2 });
    expect(readdirSync(root).toSorted()).toEqual(['a-b', 'find-mugs']);
    expect(await read(root)).toEqual([other, mugs]);
    expect(await read(join(root, 'find-mugs'))).toEqual([mugs]);
  });

  it('are not overwritten unless it is asked for, and then nothing beside the text is touched', async () => {
    const root = temporaryFolder();
    await written(root, [mugs]);
    writeFileSync(join(root, 'find-mugs', 'notes.txt'), 'mine');
    expect((await written(root, [mugs])).counts).toMatchObject({ unchanged: 1, skipped: 0 });
    const changed = { ...mugs, text: `${mugs.text}Twice.` };
    expect((await written(root, [changed])).counts).toMatchObject({ skipped: 1 });
    expect(await read(root)).toEqual([mugs]);
    expect((await written(root, [changed], true)).counts).toMatchObject({ replaced: 1 });
    expect(await read(root)).toEqual([changed]);
    expect(readdirSync(join(root, 'find-mugs')).toSorted()).toEqual(['SKILL.md', 'notes.txt']);
  });

  it('never leave their folder: odd names and links are refused, also with force', async () => {
    const [root, outside] = [temporaryFolder(), temporaryFolder()];
    mkdirSync(join(root, 'linked-file'));
    writeFileSync(join(outside, 'SKILL.md'), 'theirs');
    symlinkSync(outside, join(root, 'linked'));
    symlinkSync(join(outside, 'SKILL.md'), join(root, 'linked-file', 'SKILL.md'));
    writeFileSync(join(root, 'a-file'), '');
    const names = ['../up', '/abs', '..', '', 'a/b', 'A', 'x'.repeat(65), 'linked', 'linked-file', 'a-file'];
    const { counts, told } = await written(
      root,
      names.map((name) => ({ ...mugs, name })),
      true,
    );
    expect(counts).toEqual({ written: 0, replaced: 0, unchanged: 0, skipped: 0, refused: names.length });
    expect(told.every(({ reason }) => reason !== undefined)).toBe(true);
    expect(readFileSync(join(outside, 'SKILL.md'), 'utf8')).toBe('theirs');
    expect((await written(root, [mugs, mugs])).counts).toMatchObject({ written: 1, refused: 1 });
  });

  it('that are none come with their reason', async () => {
    const [root, outside] = [temporaryFolder(), temporaryFolder()];
    await written(outside, [mugs]);
    symlinkSync(join(outside, 'find-mugs'), join(root, 'linked'));
    for (const name of ['empty', 'huge', 'latin', 'linked-file', '.hidden']) mkdirSync(join(root, name));
    for (const name of ['huge', 'latin']) writeFileSync(join(root, name, 'SKILL.md'), Buffer.from([0xff, 0xfe]));
    truncateSync(join(root, 'huge', 'SKILL.md'), 11 * 1024 * 1024);
    symlinkSync(join(outside, 'find-mugs', 'SKILL.md'), join(root, 'linked-file', 'SKILL.md'));
    writeFileSync(join(root, 'README.md'), 'about');
    const found = await read(root);
    expect(found.map(({ name }) => name)).toEqual(['empty', 'huge', 'latin', 'linked', 'linked-file']);
    expect(found.every((one) => 'reason' in one)).toBe(true);
  });

  it('tells of files that a bank does not keep', async () => {
    const root = temporaryFolder();
    await written(root, [mugs]);
    mkdirSync(join(root, 'find-mugs', 'scripts'));
    const told: unknown[] = [];
    const onOtherFiles = (...args: unknown[]): void => void told.push(args);
    await Array.fromAsync(readSkillFolders(root, { onOtherFiles }));
    expect(told).toEqual([['find-mugs', ['scripts']]]);
    expect(statSync(join(root, 'find-mugs', 'SKILL.md')).mode & 0o777).toBe(0o644);
  });

  it('of a folder that is not there are an error of ours', async () => {
    await expect(read(join(temporaryFolder(), 'nowhere'))).rejects.toMatchObject({ boundary: 'file' });
  });
});
