import { seededRandom } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { packColumns, readColumns } from './columns.ts';
import { KnownEntries, type Known } from './known-entries.ts';

describe('KnownEntries', () => {
  it('is what a map would be, through changes and saves', () => {
    const random = seededRandom(3);
    const truth = new Map<string, Known>();
    let known = new KnownEntries();
    for (let round = 0; round < 3_000; round += 1) {
      // Signs beyond the first plane are sorted as they are looked up.
      const id = `${['e', 'é', '\u{1f600}', '￿'][Math.floor(random() * 4)]}${Math.floor(random() * 40)}`;
      if (random() < 0.4) expect(known.delete(id)).toBe(truth.delete(id));
      else {
        const digit = Math.floor(random() * 16).toString(16);
        const entry = { keyHash: digit.repeat(64), group: random() < 0.5 ? '' : `{"g":${digit}}`, since: round };
        known.set(id, entry);
        truth.set(id, entry);
      }
      expect(known.size).toBe(truth.size);
      expect(known.get(id)).toEqual(truth.get(id));
      expect(known.sinceOf(id)).toBe(truth.get(id)?.since);
      expect(known.has(id)).toBe(truth.has(id));
      if (round % 100 < 99) continue;
      expect(new Set(known.ids())).toEqual(new Set(truth.keys()));
      known = new KnownEntries(readColumns(Uint8Array.from(Buffer.concat(packColumns(known.columns())))));
      for (const [each, entry] of truth) expect(known.get(each)).toEqual(entry);
      expect(known.size).toBe(truth.size);
    }
  });

  it('refuses columns that do not fit together', () => {
    const known = new KnownEntries();
    known.set('a', { keyHash: '0'.repeat(64), group: '', since: 1 });
    const columns = known.columns();
    const read = (changed: object) =>
      new KnownEntries(readColumns(Uint8Array.from(Buffer.concat(packColumns({ ...columns, ...changed })))));
    expect(read({}).size).toBe(1);
    expect(() => read({ hashes: new Uint8Array(31) })).toThrow(RangeError);
    expect(() => read({ since: new Uint32Array(2) })).toThrow(RangeError);
    expect(() => read({ ids: [null] })).toThrow(RangeError);
  });
});
