import { aDemonstration, aLesson } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { compactLines, compactRenderer } from './compact-renderer.ts';

describe('compactRenderer', () => {
  const facts = [{ subject: 'mug 1', relation: 'in', object: 'cabinet 3' }];

  it('writes what an entry knows in short forms, one a line', () => {
    const entry = aLesson({ machine: { facts, instead: [{ avoid: 'go to shelf 1', do: 'go to cabinet 3' }] } });
    expect(compactRenderer.render([entry])).toBe('fact mug 1 in cabinet 3\navoid go to shelf 1 : go to cabinet 3');
  });

  it('tells a demonstration by its facts and leaves its transcript out', () => {
    expect(compactLines([aDemonstration({ machine: { facts } })])).toEqual(['fact mug 1 in cabinet 3']);
  });

  it('writes nothing for prose the policy cannot read', () => {
    const prose = aLesson({ machine: undefined });
    expect(compactRenderer.render([prose])).toBe('');
    expect(compactRenderer.countTokens('')).toBe(0);
  });

  it('counts words and line ends', () => {
    expect(compactRenderer.countTokens('fact mug 1 in cabinet 3\nfind mug : shelf')).toBe(11);
  });
});
