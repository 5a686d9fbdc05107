import { sqlite } from '@skillrl/drivers';
import type { RecallExplanation } from '@skillrl/memory';
import { aDemonstration, aPrinciple, temporaryFolder } from '@skillrl/testing';
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

describe('skillrl bank explain', () => {
  const cwd = temporaryFolder();
  const run = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(process.execPath, [program, 'bank', 'explain', ...args], { cwd })).stdout;

  beforeAll(async () => {
    mkdirSync(join(cwd, '.skillrl'));
    const store = sqlite({ path: join(cwd, '.skillrl', 'bank.db') });
    const conditions = { environments: ['house'], families: ['house-1'] };
    const facts = aPrinciple({
      id: 'facts',
      conditions,
      machine: { facts: [{ subject: 'mug 1', relation: 'in', object: 'cabinet 3' }] },
    });
    const elsewhere = { environments: ['house'], families: ['house-2'] };
    await store.entries.commit({
      namespace: 'default',
      reason: 'test',
      put: [
        facts,
        aDemonstration({ id: 'heating', conditions }),
        aDemonstration({ id: 'other', conditions: elsewhere }),
      ],
    });
    await store.close();
  });
  const task = ['put a hot mug in the cabinet', '--environment', 'house', '--family', 'house-1'];

  it('tells every score, rank and gate as data, and the parts add up', async () => {
    const explanation = JSON.parse(await run(...task, '--budget-tokens', '70', '--json')) as RecallExplanation;
    const { candidates, budget, search } = explanation;
    const decisions = Object.fromEntries(candidates.map(({ entryId, decision }) => [entryId, decision]));
    expect(decisions).toMatchObject({ other: 'other-conditions' });
    expect(Object.values(decisions)).toContain('over-budget');
    for (const { parts, relevance } of candidates) {
      expect(Object.values(parts).reduce((sum, value) => sum + value, 0)).toBeCloseTo(relevance, 9);
    }
    expect(budget.used + budget.left).toBe(70);
    expect(search.vectors).toMatchObject({ engine: 'flat', allowed: 2 });
    expect(search.terms).toContainEqual({ term: 'mug', documents: 3, finds: true });
  });

  it('prints the same for people, and the printed parts add up', async () => {
    const text = await run(...task);
    expect(text).toMatch(/^asked: put a hot mug in the cabinet\nwords: .*mug in 3.*\nmeaning: flat, 2 entries allowed/);
    expect(text).toMatch(/budget: \d+ tokens, of which the chosen entries take \d+; \d+ are left over/);
    const line = text.split('\n').find((each) => each.includes('facts'))!;
    const [relevance = 0, ...parts] = line
      .split(/\s+/)
      .slice(1, 7)
      .map((cell) => (cell === '–' ? 0 : Number(cell)));
    expect(parts.reduce((sum, value) => sum + value, 0)).toBeCloseTo(relevance, 2);
    expect(line).toMatch(/ open /);
    expect(text).toMatch(/other-conditions .* other {2}/);
  });
});
