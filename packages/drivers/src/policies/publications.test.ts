import { describe, expect, it } from 'vitest';

import { standings, versionBefore, type Publication } from './publications.ts';

const log = (...events: (readonly [server: string, version: string, kind?: Publication['kind']])[]): Publication[] =>
  events.map(([server, version, kind = 'publish'], at) => ({ at, server, version, kind }));

describe('standings', () => {
  it('knows nothing of a version that was never live', () => {
    expect(standings([])).toEqual(new Map());
  });

  it('tells what was followed from what was taken back', () => {
    const found = standings(log(['a', 'v1'], ['a', 'v2'], ['a', 'v3'], ['a', 'v2', 'rollback']));
    expect(Object.fromEntries(found)).toEqual({
      v1: { status: 'replaced', liveAt: [] },
      v2: { status: 'live', liveAt: ['a'] },
      v3: { status: 'rolled back', liveAt: [] },
    });
  });

  it('keeps servers apart, and a version live that is live anywhere', () => {
    const found = standings(log(['a', 'v1'], ['b', 'v1'], ['a', 'v2'], ['a', 'v2']));
    expect(found.get('v1')).toEqual({ status: 'live', liveAt: ['b'] });
    expect(found.get('v2')).toEqual({ status: 'live', liveAt: ['a'] });
  });
});

describe('versionBefore', () => {
  it('goes back one step at a time, and not to what was taken back', () => {
    const events = log(['a', 'v1'], ['a', 'v2'], ['b', 'v9'], ['a', 'v3']);
    expect(versionBefore(events, 'a')).toBe('v2');
    const back = [...events, ...log(['a', 'v2', 'rollback'])];
    expect(versionBefore(back, 'a')).toBe('v1');
    expect(versionBefore([...back, ...log(['a', 'v1', 'rollback'])], 'a')).toBeUndefined();
    expect(versionBefore([...back, ...log(['a', 'v4'])], 'a')).toBe('v2');
    expect(versionBefore(events, 'b')).toBeUndefined();
    expect(versionBefore(events, 'c')).toBeUndefined();
  });

  it('goes back over several versions when an older one was named', () => {
    const events = log(['a', 'v1'], ['a', 'v2'], ['a', 'v3'], ['a', 'v1', 'rollback']);
    expect(versionBefore(events, 'a')).toBeUndefined();
  });
});
