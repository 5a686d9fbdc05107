import { describe, expect, it } from 'vitest';
import { createExpert } from './expert.ts';
import type { ExpertOptions } from './expert-options.ts';
import { clumsy } from './noise.ts';
import { createNoisyExpert } from './noisy-expert.ts';
import { scriptedRoom } from './scripted-room.ts';
import type { RoomOptions } from './scripted-room.ts';

function play(room: RoomOptions, steps: number, options: Partial<ExpertOptions> = {}): string[] {
  const game = scriptedRoom(room);
  const expert = createExpert(game.firstObservation, { search: 'uninformed', ...options });
  const commands: string[] = [];
  for (let step = 0; step < steps; step += 1) {
    const command = expert.next();
    commands.push(command);
    expert.observe(command, game.step(command));
  }
  return commands;
}

describe('an expert with guidance', () => {
  const kitchen = {
    receptacles: {
      'cabinet 1': [],
      'cabinet 2': ['mug 1'],
      'shelf 1': ['pen 1'],
      'microwave 1': [],
      'microwave 2': [],
      'fridge 1': [],
      'sinkbasin 1': [],
    },
    closed: ['cabinet 1', 'cabinet 2', 'microwave 1', 'microwave 2', 'fridge 1'],
  };

  it('goes straight to where a fact says the object is', () => {
    const guidance = [{ facts: [{ subject: 'mug 1', relation: 'in', object: 'cabinet 2' }] }];
    expect(play({ ...kitchen, goal: 'put a mug in shelf.' }, 5, { guidance })).toEqual([
      'go to cabinet 2',
      'open cabinet 2',
      'take mug 1 from cabinet 2',
      'go to shelf 1',
      'move mug 1 to shelf 1',
    ]);
  });

  it('goes on searching when the fact was wrong', () => {
    const guidance = [{ facts: [{ subject: 'mug 1', relation: 'in', object: 'cabinet 1' }] }];
    const commands = play({ ...kitchen, goal: 'put a mug in shelf.' }, 20, { guidance });
    expect(commands[0]).toBe('go to cabinet 1');
    expect(commands).toContain('move mug 1 to shelf 1');
  });

  it('searches the classes of an order first, from the highest number down', () => {
    const guidance = [{ order: [{ find: 'mug', places: ['shelf', 'cabinet'] }] }];
    expect(play({ ...kitchen, goal: 'put a mug in sinkbasin.' }, 4, { guidance })).toEqual([
      'go to shelf 1',
      'go to cabinet 2',
      'open cabinet 2',
      'take mug 1 from cabinet 2',
    ]);
  });

  it('knows from a procedure what a made-up verb means', () => {
    const guidance = [
      {
        procedures: [
          { name: 'wug', means: 'cool with fridge' },
          { name: 'dax', means: 'heat with microwave' },
        ],
      },
      { facts: [{ subject: 'mug 1', relation: 'in', object: 'cabinet 2' }] },
    ];
    const commands = play({ ...kitchen, goal: 'dax some mug and put it in shelf.' }, 7, { guidance });
    expect(commands).toContain('heat mug 1 with microwave 2');
    expect(commands.some((command) => command.startsWith('cool'))).toBe(false);
    expect(commands.at(-1)).toBe('move mug 1 to shelf 1');
  });

  it('reads the meaning of a made-up verb from an earlier success, and from a reading that failed', () => {
    const earlier = {
      goal: 'dax some egg and put it in shelf',
      actions: ['take egg 1 from shelf 1', 'cool egg 1 with fridge 1'],
    };
    const instead = [{ avoid: 'heat egg 1 with microwave 1', do: 'cool egg 1 with fridge 1' }];
    for (const entry of [{ earlier }, { instead }]) {
      const guidance = [entry, { facts: [{ subject: 'mug 1', relation: 'in', object: 'cabinet 2' }] }];
      const commands = play({ ...kitchen, goal: 'dax some mug and put it in shelf.' }, 7, { guidance });
      expect(commands).toContain('cool mug 1 with fridge 1');
      expect(commands.some((command) => /^(heat|clean)/.test(command))).toBe(false);
    }
  });

  it('does not take a warning of a refusing appliance for the meaning of a verb', () => {
    const guidance = [{ instead: [{ avoid: 'heat egg 1 with microwave 1', do: 'heat egg 1 with microwave 2' }] }];
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    const first = seeds.map((seed) =>
      play({ ...kitchen, goal: 'dax some mug and put it in shelf.' }, 20, { guidance, seed }).find((command) =>
        /^(heat|clean|cool) /.test(command),
      ),
    );
    expect(new Set(first.map((command) => command?.split(' ')[0])).size).toBeGreaterThan(1);
  });

  it('uses the appliance that a warning names instead of the one that refuses', () => {
    const guidance = [
      { instead: [{ avoid: 'heat egg 1 with microwave 2', do: 'heat egg 1 with microwave 1' }] },
      { facts: [{ subject: 'mug 1', relation: 'in', object: 'cabinet 2' }] },
    ];
    expect(play({ ...kitchen, goal: 'put a hot mug in shelf.' }, 5, { guidance })[4]).toBe(
      'heat mug 1 with microwave 1',
    );
  });
});

describe('an expert without guidance', () => {
  it('tries another appliance after a refusal', () => {
    const room = {
      receptacles: { 'shelf 1': ['mug 1'], 'microwave 1': [], 'microwave 2': [] },
      goal: 'put a hot mug in shelf.',
      refused: ['heat mug 1 with microwave 2'],
    };
    const commands = play(room, 12);
    expect(commands).toContain('heat mug 1 with microwave 2');
    expect(commands.indexOf('heat mug 1 with microwave 1')).toBeGreaterThan(
      commands.indexOf('heat mug 1 with microwave 2'),
    );
    expect(commands).toContain('move mug 1 to shelf 1');
  });

  it('guesses what a made-up verb means, and guesses again when putting the object down did not help', () => {
    const room = {
      receptacles: { 'shelf 1': ['mug 1'], 'desk 1': [], 'microwave 1': [], 'fridge 1': [], 'sinkbasin 1': [] },
      goal: 'dax some mug and put it in desk.',
    };
    for (const seed of [1, 2, 3, 4]) {
      const commands = play(room, 30, { seed });
      for (const verb of ['heat', 'cool', 'clean'])
        expect(commands.some((command) => command.startsWith(`${verb} mug 1`))).toBe(true);
    }
  });

  it('reaches a receptacle that shares its place with another', () => {
    const room = {
      receptacles: { 'cabinet 1': ['mug 1'], 'cabinet 2': [], 'shelf 1': [] },
      closed: ['cabinet 1', 'cabinet 2'],
      together: ['cabinet 1', 'cabinet 2'],
      goal: 'put a mug in shelf.',
    };
    expect(play(room, 12)).toEqual(
      expect.arrayContaining(['examine cabinet 1', 'open cabinet 1', 'take mug 1 from cabinet 1']),
    );
  });

  it('carries the object to a lamp that it saw on the way', () => {
    const room = {
      receptacles: { 'desk 1': ['desklamp 1'], 'bed 1': ['book 1'] },
      goal: 'look at book under the desklamp.',
    };
    expect(play(room, 8)).toEqual(expect.arrayContaining(['take book 1 from bed 1', 'go to desk 1', 'use desklamp 1']));
  });

  it('brings two objects to the same receptacle', () => {
    const room = {
      receptacles: { 'drawer 1': [], 'drawer 2': ['cd 3'], 'desk 1': ['cd 1', 'cd 2'] },
      goal: 'put two cd in drawer.',
    };
    const moves = play(room, 14).filter((command) => command.startsWith('move'));
    expect(new Set(moves.map((command) => command.split(' to ')[1])).size).toBe(1);
  });

  it('puts down what the goal does not ask for', () => {
    const game = scriptedRoom({ receptacles: { 'desk 1': ['pen 1'], 'bed 1': ['mug 1'] }, goal: 'put a mug in desk.' });
    const expert = createExpert(game.firstObservation);
    for (const command of ['go to desk 1', 'take pen 1 from desk 1']) expert.observe(command, game.step(command));
    expect(expert.next()).toBe('move pen 1 to desk 1');
  });
});

describe('an expert with noise', () => {
  const room: RoomOptions = {
    receptacles: { 'desk 1': [], 'desk 2': [], 'bed 1': [], 'shelf 1': [], 'shelf 2': [], 'safe 1': ['mug 1'] },
    closed: ['safe 1'],
    goal: 'put a mug in desk.',
  };
  const run = (noiseSeed: number): { commands: string[]; errors: number } => {
    const game = scriptedRoom(room);
    const expert = createNoisyExpert(game.firstObservation, clumsy, { search: 'uninformed', noiseSeed });
    const commands: string[] = [];
    let errors = 0;
    for (let step = 0; step < 30; step += 1) {
      commands.push(expert.next());
      if (expert.isErring) errors += 1;
      expert.observe(commands.at(-1)!, game.step(commands.at(-1)!));
    }
    return { commands, errors };
  };

  it('errs, says so, and errs the same way for the same seed', () => {
    const seeds = [1, 2, 3, 4, 5];
    expect(seeds.map(run).every(({ errors }) => errors > 0 && errors < 30)).toBe(true);
    expect(run(3)).toEqual(run(3));
    expect(run(3).commands).not.toEqual(run(4).commands);
  });
});
