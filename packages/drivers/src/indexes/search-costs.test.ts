import { describe, expect, it } from 'vitest';

import { SearchCosts } from './search-costs.ts';

describe('SearchCosts', () => {
  const at = (allowed: number, size: number, limit = 10) =>
    new SearchCosts(384).choose({ limit, allowed, size, ef: 64 });

  it('compares a few rows, and walks through the graph of many', () => {
    expect(at(5000, 5000).engine).toBe('flat');
    expect(at(100_000, 100_000)).toMatchObject({ engine: 'hnsw', wanted: 10, ef: 64 });
  });

  it('walks deeper under a wide filter and compares the rows of a narrow one', () => {
    const half = at(50_000, 100_000);
    expect(half.engine).toBe('hnsw');
    expect(half.wanted).toBeGreaterThan(20);
    expect(half.ef).toBeGreaterThan(64);
    expect(at(1000, 100_000).engine).toBe('flat');
    expect(at(1, 1_000_000).engine).toBe('flat');
    expect(at(100_000, 1_000_000).engine).toBe('hnsw');
  });

  it('compares all rows when most of them are wanted', () => {
    expect(at(100_000, 100_000, 60_000).engine).toBe('flat');
    expect(at(100_000, 100_000, Infinity).engine).toBe('flat');
  });

  it('learns from what searches took, whatever a few of them were held up by', () => {
    const costs = new SearchCosts(384);
    for (let search = 0; search < 200; search += 1) {
      costs.sawFlat(search % 10 === 0 ? 100 : 0.5, 100_000);
      costs.sawWalk(search % 10 === 0 ? 100 : 0.8, 64);
    }
    const { engine, flatMs, graphMs } = costs.choose({ limit: 10, allowed: 100_000, size: 100_000, ef: 64 });
    expect(engine).toBe('flat');
    expect(flatMs).toBeGreaterThan(0.4);
    expect(flatMs).toBeLessThan(0.6);
    expect(graphMs).toBeGreaterThan(0.7);
    expect(graphMs).toBeLessThan(0.9);
  });

  it('asks the graph no more under filters that it always comes short for, until it is time to try again', () => {
    const costs = new SearchCosts(384);
    const demand = { limit: 10, allowed: 12_000, size: 100_000, ef: 64 };
    for (let search = 0; search < 30; search += 1) {
      costs.sawFlat(0.7, 12_000);
      costs.sawWalk(0.3, 300);
    }
    for (let search = 0; search < 60; search += 1) costs.sawFilteredWalk(true);
    expect(costs.choose(demand).engine).toBe('flat');
    const choices = Array.from({ length: 200 }, () => costs.choose(demand).engine);
    expect(choices).toContain('hnsw');
  });
});
