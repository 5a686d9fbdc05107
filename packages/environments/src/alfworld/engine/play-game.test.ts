import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describeWith, requirement } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';
import { compileGame, playGame, type GameFile, type GamePlay, type Turn } from './index.ts';

const { file: tinker } = JSON.parse(readFileSync(new URL('fixtures/tinker.json', import.meta.url), 'utf8')) as {
  file: GameFile;
};
const mug = requirement('data', {
  part: 'alfworld/json_2.1.1/valid_unseen/pick_and_place_simple-Mug-None-Desk-308/trial_T20190909_210238_431966/game.tw-pddl',
});
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as GameFile;

/** Plays choices: each is taken modulo the number of admissible commands; every seventh command is nonsense. */
function playChoices(play: GamePlay, first: Turn, choices: readonly number[]): Turn[] {
  let turn = first;
  return choices.map((choice) => {
    const command = choice % 7 === 0 ? 'dance' : (turn.admissible[choice % turn.admissible.length] ?? 'look');
    turn = play.step(command);
    return turn;
  });
}

const choices = fc.array(fc.nat(10_000), { maxLength: 25 });

describe('a play of a game of our own', () => keepsItsPromises(tinker));
describeWith(mug, 'a play of an official game', (path) => keepsItsPromises(read(path)));

function keepsItsPromises(file: GameFile): void {
  const game = compileGame(file);

  it('is a function of the file and the commands, whatever was played before', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(choices, (path) => {
        const warm = playGame(game);
        const fresh = playGame(compileGame(file));
        expect(playChoices(warm, warm.reset(), path)).toEqual(playChoices(fresh, fresh.reset(), path));
        expect(warm.stateKey()).toBe(fresh.stateKey());
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it(
    'goes on from a snapshot as it went on the first time, and a fork does not disturb it',
    { timeout: 60_000 },
    () => {
      fc.assert(
        fc.property(choices, choices, (before, after) => {
          const play = playGame(game);
          const here = [play.reset(), ...playChoices(play, play.reset(), before)].at(-1) as Turn;
          const snapshot = play.snapshot();
          const key = play.stateKey();
          const fork = play.fork();
          const first = playChoices(play, here, after);
          play.restore(snapshot);
          expect(play.stateKey()).toBe(key);
          expect(playChoices(play, here, after)).toEqual(first);
          expect(fork.stateKey()).toBe(key);
          expect(playChoices(fork, here, after)).toEqual(first);
        }),
        { numRuns: 20, seed: 2 },
      );
    },
  );

  it(
    'gives states with one key the same commands, and changes the key when the commands change',
    { timeout: 60_000 },
    () => {
      fc.assert(
        fc.property(choices, (path) => {
          const play = playGame(game);
          const admissible = new Map<string, readonly string[]>();
          let turn = play.reset();
          for (const choice of path) {
            const key = play.stateKey();
            expect(admissible.get(key) ?? turn.admissible).toEqual(turn.admissible);
            admissible.set(key, turn.admissible);
            turn = playChoices(play, turn, [choice])[0] as Turn;
          }
        }),
        { numRuns: 20, seed: 3 },
      );
    },
  );
}

describeWith(mug, 'commands of official games', (path) => {
  const file = read(path);
  const start = () => {
    const play = playGame(compileGame(file));
    return { play, first: play.reset() };
  };

  it.each(['', ' ', 'LOOK', 'look around', 'go to', 'go to nowhere 1', 'take mug 1', 'quit'])(
    'answers %j with "Nothing happens."',
    (command) => {
      const { play, first } = start();
      const key = play.stateKey();
      expect(play.step(command)).toEqual({ ...first, observation: 'Nothing happens.' });
      expect(play.stateKey()).toBe(key);
    },
  );

  it('trims a command and answers after the game is won', () => {
    const { play } = start();
    const walkthrough = file.walkthrough ?? [];
    const last = walkthrough.map((command) => play.step(`  ${command}\n`)).at(-1);
    expect(last).toMatchObject({ done: true, score: 1 });
    expect(play.step('look')).toMatchObject({
      done: true,
      score: 1,
      observation: expect.stringContaining('You are facing'),
    });
    expect(play.step('nonsense')).toMatchObject({ done: true, score: 1, observation: 'Nothing happens.' });
    expect(play.reset()).toMatchObject({ done: false, score: 0 });
  });

  it('does not take looking around for a change of the state', () => {
    const { play } = start();
    play.step('go to desk 1');
    const key = play.stateKey();
    for (const command of ['look', 'inventory', 'help', 'examine desk 1']) {
      expect(play.step(command).observation).not.toBe('Nothing happens.');
      expect(play.stateKey()).toBe(key);
    }
  });
});

describe('a game that cannot be interpreted', () => {
  const broken = (change: Partial<GameFile>) => () => compileGame({ ...tinker, ...change });
  it.each([
    ['a domain cut off', { pddl_domain: '(define (domain x)' }, 'ends before its last closing parenthesis'],
    ['a problem without goal', { pddl_problem: '(define (problem p) (:domain d) (:objects) (:init))' }, 'has no :goal'],
    [
      'an object that is not declared',
      { pddl_problem: '(define (problem p) (:domain d) (:init (at nobody)) (:goal ()))' },
      'names nobody',
    ],
    ['a grammar without an action', { grammar: 'grammar :: """{}""";' }, 'The grammar has no action wait'],
    ['a grammar block that is not JSON', { grammar: 'grammar :: """{""";' }, 'is not JSON'],
  ])('says what is wrong: %s', (_, change, message) => {
    expect(broken(change)).toThrowError(message);
    expect(broken(change)).toThrowError(expect.objectContaining({ code: 'GAME_INVALID' }));
  });
});
