import {
  generateGame,
  generateHouse,
  processes,
  taskTypes,
  type GameOptions,
  type GeneratedGame,
  type House,
} from '../src/alfworld/houses/index.ts';
import { openGames, type GameRecord } from '../src/alfworld/load/index.ts';

// The planner searches blindly: with so many receptacles it proves a game in seconds, with forty in minutes.
const fewReceptacles = 22;
const houses = Array.from({ length: 500 }, (_, index) => generateHouse(`oracle/${index}`));

/** Generated games that the planner can prove solvable in seconds: all task types, refusing appliances, made-up verbs. */
export function smallGames(): GeneratedGame[] {
  const small = houses.filter(({ receptacles }) => receptacles.length <= fewReceptacles);
  const refusing = small.flatMap((house) => gamesOf(house, house.rules.refusal, [house.rules.refusal?.process], {}));
  const speaking = small.flatMap((house) =>
    gamesOf(house, house.rules.dialect, ['heat', 'cool', 'clean'], { madeUpVerb: true }),
  );
  return [
    ...spread(
      small.flatMap((house) => [0, 1, 2].map((index) => generateGame(house, index))),
      ({ taskType }) => taskType,
      24,
    ),
    ...spread(refusing, ({ taskType }) => taskType, 8),
    ...spread(speaking, ({ taskType }) => taskType, 8),
  ];
}

function gamesOf(house: House, rule: unknown, about: readonly unknown[], options: GameOptions): GeneratedGame[] {
  const concerned = taskTypes.filter((type) => processes[type] && about.includes(processes[type]));
  return rule ? [generateGame(house, 3, { taskTypes: concerned, ...options })] : [];
}

/** Games of the rooms with the most receptacles. */
export function largeGames(count: number): GeneratedGame[] {
  const largest = houses.toSorted((one, other) => other.receptacles.length - one.receptacles.length).slice(0, count);
  return largest.map((house) => generateGame(house, 0));
}

/** Official games of every type, from training rooms and from rooms of their own. */
export async function officialGames(folder: string, count: number): Promise<GameRecord[]> {
  const games = await openGames({ folder });
  const perSplit = await Promise.all(
    ['train', 'valid_seen', 'valid_unseen'].map(async (split) => {
      const records: GameRecord[] = [];
      for await (const record of games.records(split)) records.push(record);
      return spread(records, ({ type }) => type, count);
    }),
  );
  return spread(perSplit.flat(), ({ split }) => split, count);
}

/** The given number of the list: in turn one of each group, and of a group those that lie far apart. */
export function spread<T>(list: readonly T[], groupOf: (value: T) => string, count: number): T[] {
  const groups = [...Map.groupBy(list, groupOf).values()];
  const wanted = Math.ceil(count / Math.max(1, groups.length));
  const queues = groups.map((group) => {
    const stride = Math.max(1, Math.floor(group.length / wanted));
    return group.filter((_, index) => index % stride === 0);
  });
  const rounds = Array.from({ length: wanted }, (_, round) => queues.flatMap((queue) => queue.slice(round, round + 1)));
  return rounds.flat().slice(0, count);
}
