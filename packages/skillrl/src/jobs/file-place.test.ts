import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from '@skillrl/testing';
import { expect, it } from 'vitest';

import { filePlace } from './file-place.ts';

it('is the path itself, or what a link leads to', () => {
  const folder = temporaryFolder();
  const [file, link] = [join(folder, 'file'), join(folder, 'link')];
  expect(filePlace(file)).toBe(file);
  writeFileSync(file, '');
  symlinkSync(file, link);
  expect([filePlace(file), filePlace(link)]).toEqual([file, file]);
});

it('is no device and no folder', () => {
  for (const path of ['/dev/null', temporaryFolder()])
    expect(() => filePlace(path)).toThrow(expect.objectContaining({ code: 'NO_PLAIN_FILE' }));
});
