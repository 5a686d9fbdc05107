import { describeWith, requirement } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';
import { demonstrationForms } from './draw-guidance.ts';
import type { Demonstration } from './demonstrations.ts';
import { generateDemonstrations, wordsOf } from './generate-demonstrations.ts';
import type { GenerateOptions } from './generate-demonstrations.ts';
import { createGameLibrary } from './game-library.ts';
import { createPlaySession } from './play-session.ts';
import { reservedVerbs } from '../houses/index.ts';
import { madeUpVerbs } from './made-up-verbs.ts';
import { relabel } from './relabel.ts';

const data = requirement('data', { part: 'alfworld' });
const make = (options: Partial<GenerateOptions> = {}): Demonstration[] => [
  ...generateDemonstrations({ seed: 3, count: 120, ...options }),
];
const textOf = ({ segments }: Demonstration): string => segments.map(([text]) => text).join('');

describe('demonstrations from generated houses', () => {
  const demonstrations = make();

  it('are the same for the same seed, and others for another', () => {
    expect(make()).toEqual(demonstrations);
    expect(textOf(make({ seed: 4, count: 1 })[0]!)).not.toBe(textOf(demonstrations[0]!));
  });

  it('show every form, and both errors and clean play', () => {
    expect(new Set(demonstrations.map(({ form }) => form))).toEqual(new Set(demonstrationForms));
    const kinds = new Set(demonstrations.flatMap(({ segments }) => segments.map(([, kind]) => kind)));
    expect(kinds).toEqual(new Set(['context', 'action', 'noise', 'confidence']));
  });

  it('fit the context and the step limit, and end with the action that wins', () => {
    for (const demonstration of demonstrations) {
      expect(demonstration.steps).toBeLessThanOrEqual(50);
      expect(wordsOf(demonstration)).toBeLessThanOrEqual(820);
      expect(['action', 'noise']).toContain(demonstration.segments.at(-1)![1]);
    }
  });

  it('mark every command that an error made as noise, so that no bad command is learnt', () => {
    for (const { segments } of demonstrations) {
      for (const [index, [text, kind]] of segments.entries()) {
        const answer = segments[index + 1]?.[0] ?? '';
        // The expert itself finds out by `Nothing happens.` only that places are shared and that appliances refuse.
        if (kind === 'action' && answer === ' nothing happens\n>')
          expect(text).toMatch(/^ (go to|heat|cool|clean|move) /);
      }
    }
  });

  it('never use a verb that is kept for tests', () => {
    const words = new Set(demonstrations.flatMap((demonstration) => textOf(demonstration).split(/\s+/)));
    expect([...words].filter((word) => madeUpVerbs.test.includes(word))).toEqual([]);
    expect(madeUpVerbs.train.filter((word) => madeUpVerbs.test.includes(word))).toEqual([]);
    expect(reservedVerbs.every((word) => madeUpVerbs.test.includes(word))).toBe(true);
  });

  it('say the measured success before the first action', () => {
    const cells = demonstrationForms.flatMap((form) =>
      ['look', 'pick', 'clean', 'cool', 'heat', 'pick2'].map((kind) => `${form}|${kind}`),
    );
    const success = Object.fromEntries(cells.map((cell) => [cell, 0.35]));
    const said = make({ success, count: 60 }).flatMap(({ segments }) =>
      segments.filter(([, kind]) => kind === 'confidence'),
    );
    expect(said.length).toBeGreaterThan(30);
    expect(new Set(said.map(([text]) => text))).toEqual(new Set(['sure 3\n', 'sure 4\n']));
  });
});

describeWith(data, 'demonstrations and play', (folder) => {
  const library = createGameLibrary(folder);

  it('have exactly the text that a player sees', () => {
    const demonstrations = make({ officialFolder: folder, officialShare: 1, count: 20 }).filter(
      ({ form }) => form === 'none',
    );
    expect(demonstrations.length).toBeGreaterThan(0);
    for (const demonstration of demonstrations) {
      const game = library.load({ source: 'official', id: demonstration.id.split('#')[0]! });
      const isPlain = textOf(demonstration).startsWith(createPlaySession(game, []).head);
      if (!isPlain) continue;
      const session = createPlaySession(game, []);
      let text = session.head;
      if (demonstration.segments[1]![1] === 'confidence') text += demonstration.segments[1]![0];
      text += '>';
      const actions = demonstration.segments.filter(([, kind]) => kind === 'action' || kind === 'noise');
      for (const [action] of actions) {
        text += action;
        const { text: answer } = session.step(action);
        if (!session.won) text += answer;
      }
      expect(session.won).toBe(true);
      expect(text).toBe(textOf(demonstration));
    }
  });
});

describeWith(data, 'relabelled play', (folder) => {
  const library = createGameLibrary(folder);
  const game = library.load({
    source: 'official',
    id: library.official('train').find((id) => id.includes('pick_heat'))!,
  });

  it('keeps what was done, marks what was poor, and lets the expert finish', () => {
    const room = /room (\w+) /.exec(createPlaySession(game, []).head)![1]!;
    const played = [`go to ${room} 1`, `go to ${room} 1`, `go to ${room} 1`, 'examine shelf 99', 'examine shelf 99'];
    const demonstration = relabel(game, [], played, { seed: 1, cut: 5 })!;
    const actions = demonstration.segments.filter(([, kind]) => kind === 'action' || kind === 'noise');
    expect(actions.slice(0, 5).map(([text]) => text.trim())).toEqual(played);
    expect(actions.slice(1, 5).map(([, kind]) => kind)).toEqual(['noise', 'noise', 'noise', 'noise']);
    expect(actions.slice(5).every(([, kind]) => kind === 'action')).toBe(true);
    const session = game.start();
    const answers = actions.map(([text]) => session.step(text.trim()));
    expect(answers.at(-1)!.won).toBe(true);
  });

  it('has nothing to correct in a play that won', () => {
    expect(relabel(game, [], game.walkthrough, { cut: 50 })).toBeUndefined();
  });
});
