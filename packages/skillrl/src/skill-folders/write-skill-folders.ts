import { constants } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { atBoundary } from '@skillrl/core';
import type { AgentSkill } from '@skillrl/memory';

export interface WriteSkillFoldersOptions {
  /** Replace the `SKILL.md` of a folder that is there; its other files stay. Default `false`. */
  readonly force?: boolean;
  /** Is told of each folder. */
  readonly onFolder?: (folder: WrittenFolder) => void;
}

export interface WrittenFolder {
  readonly name: string;
  /** `unchanged`: it was there with this text; `skipped`: with another; `refused`: what stands there is not ours to touch. */
  readonly outcome: 'written' | 'replaced' | 'unchanged' | 'skipped' | 'refused';
  readonly reason?: string;
}

export type WriteSkillFoldersReport = Readonly<Record<WrittenFolder['outcome'], number>>;

const validName = /^[a-z0-9]+(?:-[a-z0-9]+)*$/u;

/**
 * Writes skills as folders of a folder, which is made if need be. Each appears under its name only when it is whole. Nothing is followed out of
 * the folder: names are plain, and where a link stands, nothing is written.
 *
 * @throws {FileError} when the folder cannot be made or written.
 */
export async function writeSkillFolders(
  root: string,
  skills: AsyncIterable<AgentSkill> | Iterable<AgentSkill>,
  { force = false, onFolder }: WriteSkillFoldersOptions = {},
): Promise<WriteSkillFoldersReport> {
  const counts = { written: 0, replaced: 0, unchanged: 0, skipped: 0, refused: 0 };
  await atBoundary('file', `make the folder ${root}`, () => mkdir(root, { recursive: true }));
  const seen = new Set<string>();
  for await (const skill of skills) {
    const folder = seen.has(skill.name)
      ? refused(skill.name, 'An earlier skill has this name.')
      : await atBoundary('file', `write the skill ${skill.name} to ${root}`, () => writeFolder(root, skill, force));
    seen.add(skill.name);
    counts[folder.outcome] += 1;
    onFolder?.(folder);
  }
  return counts;
}

async function writeFolder(root: string, { name, text }: AgentSkill, force: boolean): Promise<WrittenFolder> {
  if (!validName.test(name) || name.length > 64) return refused(name, 'Its name is no name of a skill.');
  const folder = join(root, name);
  const present = await kindOf(folder);
  if (present === 'nothing') {
    const temporary = await mkdtemp(join(root, '.skillrl-'));
    try {
      await writeWhole(join(temporary, 'SKILL.md'), text);
      await rename(temporary, folder);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return { name, outcome: 'written' };
  }
  if (present !== 'folder') return refused(name, `What stands there is a ${present}, no folder.`);
  const file = join(folder, 'SKILL.md');
  const inside = await kindOf(file);
  if (inside !== 'nothing' && inside !== 'file') return refused(name, `Its SKILL.md is a ${inside}, no file.`);
  if (inside === 'file' && (await readFile(file, 'utf8')) === text) return { name, outcome: 'unchanged' };
  if (!force) return { name, outcome: 'skipped', reason: 'A folder of this name is there, with another text.' };
  const temporary = join(folder, `.SKILL.md.${process.pid}.part`);
  try {
    await rm(temporary, { force: true });
    await writeWhole(temporary, text);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
  return { name, outcome: 'replaced' };
}

function refused(name: string, reason: string): WrittenFolder {
  return { name, outcome: 'refused', reason };
}

/** What stands under a path, itself: a link is not followed. */
export async function kindOf(path: string): Promise<'nothing' | 'file' | 'folder' | 'link' | 'special file'> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return 'link';
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? 'file' : 'special file';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nothing';
    throw error;
  }
}

/** A new file, durably. */
async function writeWhole(path: string, text: string): Promise<void> {
  await using file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o644);
  await file.writeFile(text);
  await file.sync();
}
