import { seededRandom } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { packColumns, readColumns, type Columns } from './columns.ts';
import { lexicalIndex, type LexicalIndex } from './lexical-index.ts';

/** As a file would give it back. */
function stored(columns: Columns): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(packColumns(columns)));
}

describe('columns', () => {
  it('come back as they were, numbers as windows on the bytes', () => {
    const texts = ['a', null, '', 'Größe 寿司', '\ud800'];
    const bytes = stored({ small: Uint8Array.of(1, 2, 3), texts, none: new Float32Array(0), large: Uint32Array.of(7) });
    const reader = readColumns(bytes);
    expect([...reader.numbers('small', 'u8')]).toEqual([1, 2, 3]);
    expect(reader.texts('texts')).toEqual(texts);
    expect(reader.numbers('none', 'f32')).toHaveLength(0);
    expect(reader.numbers('large', 'u32', 1).buffer).toBe(bytes.buffer);
  });

  it('are refused when they are cut off, of another kind or length, or not there', () => {
    const bytes = stored({ numbers: Uint32Array.of(1, 2), texts: ['a'] });
    for (const length of [0, 3, 20, bytes.length - 8, bytes.length - 1]) {
      expect(() => readColumns(bytes.slice(0, length))).toThrow(/column|bounds|JSON/i);
    }
    const reader = readColumns(bytes);
    expect(() => reader.numbers('numbers', 'f32')).toThrow(RangeError);
    expect(() => reader.numbers('numbers', 'u32', 3)).toThrow(RangeError);
    expect(() => reader.texts('nothing')).toThrow(RangeError);
  });
});

describe('a lexical index that was saved', () => {
  const words = ['mug', 'plate', 'sink', 'heat', 'clean', 'the', 'put', 'spoon', 'drawer', 'cool'];
  const sentence = (random: () => number): string =>
    Array.from({ length: 1 + Math.floor(random() * 9) }, () => words[Math.floor(random() ** 2 * words.length)]).join(
      ' ',
    );
  const answers = (index: LexicalIndex): unknown =>
    words.map((word, at) => {
      const query = `${word} ${words[(at + 3) % words.length]}`;
      const hits = index.search(query, { limit: 8 });
      return hits.map((hit) => ({ ...hit, coverage: index.coverage(query, [hit.id]) }));
    });
  const change = (index: LexicalIndex, random: () => number): void => {
    const id = `d${Math.floor(random() * 40)}`;
    if (random() < 0.3) index.remove(id);
    else index.add(id, sentence(random));
  };

  it('answers as it did, and goes on as if it had never been saved', () => {
    const random = seededRandom(5);
    const lived = lexicalIndex();
    for (let round = 0; round < 200; round += 1) change(lived, random);
    const reopened = lexicalIndex(readColumns(stored(lived.save())));
    expect(reopened.size).toBe(lived.size);
    expect(reopened.waste).toBe(lived.waste);
    expect(answers(reopened)).toEqual(answers(lived));
    for (const index of [lived, reopened]) {
      const again = seededRandom(6);
      for (let round = 0; round < 200; round += 1) change(index, again);
    }
    expect(answers(reopened)).toEqual(answers(lived));
  });

  it('scores as one built anew, after ten thousand changes', () => {
    const random = seededRandom(7);
    const lived = lexicalIndex();
    const texts = new Map<string, string>();
    for (let round = 0; round < 10_000; round += 1) {
      const [id, text] = [`d${Math.floor(random() * 60)}`, sentence(random)];
      texts.set(id, text);
      lived.add(id, text);
      if (random() < 0.2) {
        texts.delete(id);
        lived.remove(id);
      }
    }
    const anew = lexicalIndex();
    for (const [id, text] of [...texts].toReversed()) anew.add(id, text);
    expect(answers(lived)).toEqual(answers(anew));
  });

  it('keeps what was saved apart from later changes', () => {
    const index = lexicalIndex();
    index.add('a', 'red mug');
    const saved = index.save();
    index.add('b', 'red plate mug');
    index.remove('a');
    const reopened = lexicalIndex(readColumns(stored(saved)));
    expect(reopened.search('mug', { limit: 5 }).map(({ id }) => id)).toEqual(['a']);
    expect(reopened.search('plate', { limit: 5 })).toEqual([]);
  });

  it('is refused when its columns do not fit together', () => {
    const index = lexicalIndex();
    index.add('a', 'red mug');
    const saved = index.save();
    expect(() => lexicalIndex(readColumns(stored({ ...saved, counts: new Uint16Array(1) })))).toThrow(RangeError);
    expect(() => lexicalIndex(readColumns(stored({ ...saved, terms: ['red'] })))).toThrow(RangeError);
  });
});
