import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { atBoundary, InputError } from '@skillrl/core';
import type { SkillFolder } from '@skillrl/memory';

import { kindOf } from './write-skill-folders.ts';

export interface ReadSkillFoldersOptions {
  /** Is told of a folder that holds more than its text, which a bank does not keep. */
  readonly onOtherFiles?: (name: string, files: readonly string[]) => void;
  readonly signal?: AbortSignal;
}

/** Most bytes of a `SKILL.md`; the format's readers take ten million, and an entry has a thousandth of it. */
const longestText = 10 * 1024 * 1024;
const mostFolders = 100_000;
const fileNames = ['SKILL.md', 'skill.md'] as const;

/**
 * Reads the skills of a folder: of each folder in it, or of itself where it holds a `SKILL.md`. Links are not followed, hidden folders are
 * passed by, and what is no skill comes with its reason.
 *
 * @throws {FileError} when the folder cannot be read. @throws {InputError} `SKILLS_TOO_MANY`.
 */
export async function* readSkillFolders(
  root: string,
  options: ReadSkillFoldersOptions = {},
): AsyncGenerator<SkillFolder> {
  const found = await atBoundary('file', `read the folder ${root}`, () => readdir(root, { withFileTypes: true }));
  if (found.some(({ name }) => fileNames.includes(name as 'SKILL.md'))) {
    yield await readFolder(root, basename(resolve(root)), options);
    return;
  }
  const folders = found.filter((one) => !one.name.startsWith('.') && (one.isDirectory() || one.isSymbolicLink()));
  if (folders.length > mostFolders) {
    throw new InputError({
      code: 'SKILLS_TOO_MANY',
      message: `${root} holds ${folders.length} folders; at most ${mostFolders} are read.`,
      hint: 'Import them in parts.',
    });
  }
  for (const { name } of folders.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    options.signal?.throwIfAborted();
    yield await readFolder(join(root, name), name, options);
  }
}

async function readFolder(
  folder: string,
  name: string,
  { onOtherFiles }: ReadSkillFoldersOptions,
): Promise<SkillFolder> {
  if ((await kindOf(folder)) === 'link') return { name, reason: 'It is a link, which is not followed.' };
  try {
    const inside = await readdir(folder);
    const file = fileNames.find((one) => inside.includes(one));
    if (file === undefined) return { name, reason: 'It holds no SKILL.md.' };
    const read = await readFile(join(folder, file));
    const others = inside.filter((one) => one !== file && !one.startsWith('.'));
    if ('text' in read && others.length > 0) onOtherFiles?.(name, others);
    return { name, ...read };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return { name, reason: `It cannot be read: ${code}.` };
  }
}

async function readFile(path: string): Promise<{ readonly text: string } | { readonly reason: string }> {
  if ((await kindOf(path)) !== 'file') return { reason: 'Its SKILL.md is no file of its own.' };
  // The link may have come since: it is refused in opening, too.
  await using file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  const { size } = await file.stat();
  if (size > longestText) return { reason: `Its SKILL.md has ${size} bytes; at most ${longestText} are read.` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile()) };
  } catch (error) {
    if (error instanceof TypeError) return { reason: 'Its SKILL.md is not UTF-8.' };
    throw error;
  }
}
