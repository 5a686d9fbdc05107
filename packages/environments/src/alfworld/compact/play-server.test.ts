import { describeWith, requirement } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';
import { generateHouse } from '../houses/index.ts';
import { evaluationRows } from './evaluation-guidance.ts';
import { createGameLibrary } from './game-library.ts';
import { createPlayServer } from './play-server.ts';
import { createPlaySession } from './play-session.ts';

type Answer = Record<string, unknown>;

describe('the play server with generated houses', () => {
  const answer = createPlayServer(createGameLibrary('nowhere')) as (operation: unknown) => Answer;
  const panel = { panel: 'policy', panelSeed: 1, houses: 3, tasksPerHouse: 2 };
  const games = (answer({ op: 'list', ...panel }) as { games: unknown[] }).games;

  it('lists the games of a panel and plays them by what it listed', () => {
    expect(games).toHaveLength(6);
    const reset = answer({ op: 'reset', slot: 4, game: games[1], entries: 'facts', expert: true });
    expect(reset['text']).toMatch(/^task .*\nroom .*\n(fact .*\n)+$/);
    expect(reset['expert']).toMatch(/^go to /);
    let step: Answer = reset;
    for (let count = 0; count < 50 && step['done'] !== true; count += 1) {
      step = answer({ op: 'step', slot: 4, action: ` ${String(step['expert'])}` });
    }
    expect(step).toMatchObject({ done: true, won: true });
  });

  it('ends an episode at its step limit', () => {
    answer({ op: 'reset', slot: 0, game: games[0], maxSteps: 2 });
    expect(answer({ op: 'step', slot: 0, action: 'look' })).toMatchObject({
      text: ' middle\n>',
      done: false,
      steps: 1,
    });
    expect(answer({ op: 'step', slot: 0, action: 'dance' })).toMatchObject({
      text: ' nothing happens\n>',
      done: true,
      won: false,
    });
  });

  it('draws guidance as for demonstrations, equal for equal seeds', () => {
    const reset = (seed: number): Answer =>
      answer({ op: 'reset', slot: 1, game: games[0], entries: { draw: 'order' }, seed });
    expect(reset(5)).toEqual(reset(5));
    expect(reset(5)['text']).toMatch(/\nfind /);
  });

  it('reaches no house outside the policy panel by a seed', () => {
    const library = createGameLibrary('nowhere');
    for (let seed = 0; seed < 12; seed += 1) {
      const { family } = library.load({ source: 'generated', house: `any/${seed}`, index: 0 });
      expect(family).toMatch(/^[a-z]+-[0-9a-f]{10}$/);
      const seeds = [`any/${seed}`, ...Array.from({ length: 40 }, (_, attempt) => `any/${seed}/${attempt + 1}`)];
      const house = seeds.map((name) => generateHouse(name)).find(({ id }) => id === family)!;
      expect(house.panel).toBe('policy');
    }
  });

  it('refuses what it does not know', () => {
    expect(() => answer({ op: 'step', slot: 77, action: 'look' })).toThrow('Slot 77 was never reset.');
    expect(() => answer({ op: 'fly' })).toThrow('Unknown operation');
  });

  it('sends the whole prompt again when old turns had to go', () => {
    const game = createGameLibrary('nowhere').load({ source: 'panel', number: 0, ...panel, panel: 'policy' });
    const session = createPlaySession(game, [], { limit: 90 });
    const texts = Array.from({ length: 20 }, () => session.step('look'));
    const restart = texts.find((step) => step.restart)!;
    expect(restart.text.startsWith(session.head)).toBe(true);
    expect(restart.text.endsWith(' middle\n>')).toBe(true);
    expect(texts.filter((step) => step.restart).length).toBeLessThan(10);
  });
});

describeWith(requirement('data', { part: 'alfworld' }), 'the play server with official games', (folder) => {
  const answer = createPlayServer(createGameLibrary(folder)) as (operation: unknown) => Answer;
  const games = (answer({ op: 'list', split: 'valid_unseen' }) as { games: string[] }).games;

  it('has a prompt or a skip for every evaluation row', () => {
    expect(games).toHaveLength(134);
    const heat = games.find((id) => id.includes('pick_heat'))!;
    const replies = evaluationRows.map((row) =>
      answer({ op: 'reset', slot: 0, game: { source: 'official', id: heat }, entries: row, seed: 2 }),
    );
    const skipped = evaluationRows.filter((_, index) => replies[index]!['skip'] === true);
    expect(skipped).toEqual(['avoid-appliance']);
    const texts = replies.flatMap((reply) => (typeof reply['text'] === 'string' ? [reply['text']] : []));
    expect(new Set(texts).size).toBe(texts.length);
  });
});
