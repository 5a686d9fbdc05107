import { describe, expect, it } from 'vitest';

import { SequencePool } from './sequence-pool.ts';

describe('SequencePool', () => {
  it('lends an owner its own sequence again', () => {
    const pool = new SequencePool(2);
    const own = pool.lend('a');
    pool.lend('b');
    expect(pool.lend('a')).toBe(own);
  });

  it('gives a new owner the sequence that was used longest ago', () => {
    const pool = new SequencePool(2);
    const [a, b] = [pool.lend('a'), pool.lend('b')];
    pool.lend('a');
    expect(pool.lend('c')).toBe(b);
    expect(pool.lend('d')).toBe(a);
  });

  it('prefers a sequence that nobody owns', () => {
    const pool = new SequencePool(2);
    const [a, b] = [pool.lend('a'), pool.lend('b')];
    pool.release('b');
    pool.release('unknown');
    expect(pool.lend(undefined)).toBe(b);
    expect(pool.lend('a')).toBe(a);
  });
});
