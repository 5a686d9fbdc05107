import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { contentHash, newId } from './ids.ts';

const time = fc.nat(2 ** 48 - 1);

describe('newId', () => {
  it('begins with what it names and has a fixed length', () => {
    fc.assert(
      fc.property(time, (now) => {
        expect(newId('entry', now)).toMatch(/^entry_[0-9a-hjkmnp-tv-z]{22}$/);
      }),
    );
  });

  it('sorts by the time it was made', () => {
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 1e9 }), (now, later) => {
        expect(newId('e', now) < newId('e', now + later)).toBe(true);
      }),
    );
  });

  it('is unique within one millisecond', () => {
    const ids = Array.from({ length: 10_000 }, () => newId('call', 1_700_000_000_000));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('takes the time from the system when none is given', () => {
    const before = newId('e', Date.now() - 1);
    expect(newId('e') > before).toBe(true);
  });
});

describe('contentHash', () => {
  it('is SHA-256, of the UTF-8 form', () => {
    // FIPS 180-2, appendix B.1; the second was made with coreutils: printf 'é' | sha256sum
    expect(contentHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(contentHash('é')).toBe('4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c');
  });
});
