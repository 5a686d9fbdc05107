import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { compileGame, playGame, type GameFile } from '../engine/index.ts';
import { openGames, possibleGameIds, readGameFile, withCommandStyle } from './index.ts';

const mug = 'valid_unseen/pick_and_place_simple-Mug-None-Desk-308/trial_T20190909_210238_431966';

describe('names of games', () => {
  it('takes an id as it is', () => expect(possibleGameIds(mug)).toEqual([mug]));
  it('takes an id with its split once more in front', () =>
    expect(possibleGameIds(`valid_unseen/${mug}`)).toEqual([mug]));
  it('takes a path of the official release', () =>
    expect(possibleGameIds(`/somewhere/json_2.1.1/${mug}/game.tw-pddl`)).toEqual([mug]));
  it('looks in every split for an id without one', () =>
    expect(possibleGameIds(mug.replace('valid_unseen/', ''))).toContain(mug));
});

describe('game files', () => {
  it('says what is wrong with a file that is not JSON', () =>
    expect(() => readGameFile('{', 'x/game.tw-pddl')).toThrowError(
      'x/game.tw-pddl is not JSON, so it is no ALFWorld game.',
    ));
  it('says which text is missing', () =>
    expect(() => readGameFile('{"pddl_domain":"","grammar":""}', 'g')).toThrowError('g has no text "pddl_problem"'));
  it('says where it looked when there are no games', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'no-games-'));
    await expect(openGames({ folder })).rejects.toMatchObject({
      code: 'GAMES_MISSING',
      message: expect.stringContaining(folder),
    });
    await expect(openGames({ folder: join(folder, 'nowhere') })).rejects.toMatchObject({ code: 'GAMES_MISSING' });
    rmSync(folder, { recursive: true });
  });
  it('says so when a file is named in place of the folder', async () => {
    const file = join(temporaryFolder(), 'valid_seen.jsonl.br');
    writeFileSync(file, '');
    await expect(openGames({ folder: file })).rejects.toMatchObject({
      code: 'GAMES_MISSING',
      message: expect.stringContaining(file),
    });
  });
  it('says which splits are there when another is asked for', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'valid_seen'));
    const games = await openGames({ folder });
    await expect(games.records('train').next()).rejects.toMatchObject({
      code: 'SPLIT_MISSING',
      message: `There is no split "train" of ALFWorld in ${folder}.`,
      hint: 'There is: valid_seen.',
    });
  });
  it.each([
    ['that cannot be opened', (path: string) => mkdirSync(path)],
    ['that is not compressed', (path: string) => writeFileSync(path, 'no brotli')],
  ])('says which packed file is damaged: one %s', async (_, make) => {
    const folder = temporaryFolder();
    make(join(folder, 'train.jsonl.br'));
    const games = await openGames({ folder });
    const damaged = { code: 'GAMES_DAMAGED', message: expect.stringContaining(join(folder, 'train.jsonl.br')) };
    await expect(Array.fromAsync(games.records())).rejects.toMatchObject(damaged);
    await expect(games.get('train/some/trial_1')).rejects.toMatchObject(damaged);
  });
});

describeWith(requirement('data', { part: 'alfworld' }), 'official games', (folder) => {
  const original = () => JSON.parse(readFileSync(join(folder, 'json_2.1.1', mug, 'game.tw-pddl'), 'utf8')) as GameFile;
  const temporary = mkdtempSync(join(tmpdir(), 'games-'));
  afterAll(() => rmSync(temporary, { recursive: true }));

  const place = (id: string, file: object) => {
    mkdirSync(join(temporary, 'json_2.1.1', id), { recursive: true });
    writeFileSync(join(temporary, 'json_2.1.1', id, 'game.tw-pddl'), JSON.stringify(file));
  };

  it('counts the games of the packed splits', async () => {
    const games = await openGames({ folder });
    expect(games.splits).toEqual(['train', 'valid_train', 'valid_seen', 'valid_unseen']);
    const ids = async (split: string) => (await Array.fromAsync(games.records(split))).map(({ id }) => id);
    expect(await ids('valid_unseen')).toHaveLength(134);
    expect(await ids('valid_seen')).toHaveLength(140);
    expect(await ids('valid_train')).toHaveLength(200);
  });

  it('looks into a folder named alfworld, where the folder itself has no games', async () => {
    expect((await openGames({ folder: dirname(folder) })).folder).toBe(folder);
    const own = temporaryFolder();
    mkdirSync(join(own, 'alfworld'));
    mkdirSync(join(own, 'json_2.1.1', 'valid_seen'), { recursive: true });
    expect((await openGames({ folder: own })).folder).toBe(own);
  });

  it('follows links to games', async () => {
    const linked = temporaryFolder();
    mkdirSync(join(linked, 'valid_unseen'));
    const task = mug.split('/').slice(0, 2).join('/');
    symlinkSync(join(folder, 'json_2.1.1', task), join(linked, task), 'junction');
    const records = await Array.fromAsync((await openGames({ folder: linked })).records());
    expect(records.map(({ id }) => id)).toEqual([mug]);
  });

  it('gives the same game packed as in its original file', async () => {
    const { file, ...record } = await (await openGames({ folder })).get(mug);
    expect(record).toEqual({
      id: mug,
      split: 'valid_unseen',
      type: 'pick_and_place_simple',
      scene: '308',
      goal: 'put a mug in desk.',
    });
    const { pddl_domain, grammar, pddl_problem, walkthrough } = original();
    expect(file.pddl_domain).toBe(pddl_domain);
    expect(file.grammar).toBe(grammar);
    expect(file.pddl_problem.trim()).toBe(pddl_problem.replaceAll(/\s+/g, ' ').trim());
    expect(file.walkthrough).toEqual(walkthrough);
  });

  it('finds games asked for out of order and at the same time', async () => {
    const games = await openGames({ folder });
    const ids = (await Array.fromAsync(games.records('valid_seen'))).map(({ id }) => id);
    const asked = [ids[139], ids[3], ids[70], ids[139]].map((id) => id ?? '');
    const found = await Promise.all(asked.map((id) => games.get(id)));
    expect(found.map(({ id }) => id)).toEqual(asked);
  });

  it('names the game it cannot find', async () => {
    const games = await openGames({ folder });
    await expect(games.get('valid_unseen/none/trial_1')).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
  });

  it('reads original files in the order of their paths and leaves out what the official loader leaves out', async () => {
    place('valid_seen/pick_and_place_simple-Mug-None-Desk-2/trial_2', original());
    place('valid_seen/pick_and_place_simple-Mug-None-Desk-2/trial_1', original());
    place('valid_seen/pick_and_place_with_movable_recep-Mug-Pan-Desk-2/trial_1', original());
    place('valid_seen/pick_and_place_simple-AppleSliced-None-Desk-2/trial_1', original());
    place('valid_seen/pick_and_place_simple-Mug-None-Desk-3/trial_1', { ...original(), solvable: false });
    const games = await openGames({ folder: temporary });
    const ids = (await Array.fromAsync(games.records())).map(({ id }) => id);
    expect(ids).toEqual([
      'valid_seen/pick_and_place_simple-Mug-None-Desk-2/trial_1',
      'valid_seen/pick_and_place_simple-Mug-None-Desk-2/trial_2',
    ]);
    await expect(games.get('valid_seen/pick_and_place_simple-Mug-None-Desk-3/trial_1')).rejects.toThrowError(
      'There is no ALFWorld game',
    );
  });

  describe('command styles', () => {
    const turnsOf = (file: GameFile, ...commands: string[]) => {
      const play = playGame(compileGame(file));
      play.reset();
      return commands.map((command) => play.step(command));
    };

    it('writes putting as release 2.1.1 did', () => {
      const file = withCommandStyle(original(), 'put');
      const walkthrough =
        original().walkthrough?.map((command) => command.replace(/^move (.*) to /, 'put $1 in/on ')) ?? [];
      expect(file.walkthrough).toEqual(walkthrough);
      const turns = turnsOf(file, ...walkthrough);
      expect(turns.at(-1)).toMatchObject({
        done: true,
        observation: expect.stringMatching(/^You put the mug \d in\/on the desk \d\.$/),
      });
      expect(turns.flatMap(({ admissible }) => admissible)).not.toContain('help');
      expect(turns[0]?.observation).toMatch(/^You arrive at loc \d+\. On the /);
    });

    it('is restored by writing it the other way again', () => {
      const file = original();
      const back = withCommandStyle(withCommandStyle(file, 'put'), 'move');
      const commands = ['help', ...(file.walkthrough ?? [])];
      expect(turnsOf(back, ...commands)).toEqual(turnsOf(file, ...commands));
    });

    it('leaves a file alone that has the style already', () => {
      const file = original();
      expect(withCommandStyle(file, 'move')).toBe(file);
    });

    it('is applied when games are opened', async () => {
      const games = await openGames({ folder, commandStyle: 'put' });
      const { file } = await games.get(mug);
      expect(turnsOf(file, 'help')[0]?.observation).toBe('Nothing happens.');
    });
  });
});
