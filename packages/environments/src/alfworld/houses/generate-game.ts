import type { GameFile } from '../engine/game-file.ts';
import { gameHash } from './canonical.ts';
import { householdDomain } from './domain.ts';
import { householdGrammar } from './grammar.ts';
import type { House } from './house.ts';
import { instructionFor, madeUpInstruction } from './instruction.ts';
import type { PanelName } from './panel-name.ts';
import { problemText } from './problem.ts';
import { randomFor, type Random } from './random.ts';
import type { HouseRules, Process } from './rules.ts';
import type { SceneName } from './scenes/scene.ts';
import { processes, tasksOf, type HouseTask, type TaskType } from './tasks.ts';
import { walkthroughOf } from './walkthrough.ts';
import { placeItems, type World } from './world.ts';

/** A made-up verb of an instruction and what it means in its house. */
export interface MadeUpVerb {
  readonly word: string;
  readonly means: Process;
}

/** A game of a house. As JSON it is a `game.tw-pddl` file with more keys, which other engines ignore. */
export interface GeneratedGame extends GameFile {
  /** `kitchen-3fa07c21d0/4-pick_heat_then_place_in_recep-mug-shelf` */
  readonly id: string;
  /** Id of its house. An agent knows where it is. */
  readonly house: string;
  /** Within a family the rules and habits hold: the house. */
  readonly family: string;
  readonly scene: SceneName;
  /** The panel of its house. */
  readonly split: PanelName;
  readonly taskType: TaskType;
  /** Kind of item: `mug`. */
  readonly item: string;
  /** Kind of receptacle or lamp: `shelf`. */
  readonly target: string;
  /** `put a hot mug in shelf.` */
  readonly instruction: string;
  readonly verb?: MadeUpVerb;
  /** The rules of its house: to be learned, not told. */
  readonly rules: HouseRules;
  /** See `gameHash`. */
  readonly hash: string;
  /** What is where: not for the eyes of an agent that plays. */
  readonly world: World;
  readonly solvable: true;
  readonly walkthrough: readonly string[];
}

export interface GameOptions {
  /** Types of task to choose from. Default: all six. */
  readonly taskTypes?: readonly TaskType[];
  /** Whether a house with a dialect speaks it in this game. Default: every other time. */
  readonly madeUpVerb?: boolean;
}

/** Share of the heat, cool and clean games of a house with a dialect that use its verbs. */
export const madeUpVerbShare = 0.5;

/**
 * A game of a house.
 *
 * @param index - 0, 1, 2 …: the house's tasks in the order of `tasksOf`; after the last one they come again with other placements.
 * @throws {RangeError} when the house carries none of the task types asked for.
 */
export function generateGame(house: House, index: number, options: GameOptions = {}): GeneratedGame {
  const task = taskAt(house, index, options.taskTypes);
  const name = `${index}-${task.type}-${task.item}-${task.target}`;
  const random = randomFor(`game/${house.seed}/${name}`);
  const world = placeItems(house, task, random);
  const official = instructionFor(task, random);
  const verb = verbFor(house, task, random, options.madeUpVerb);
  const instruction = verb ? madeUpInstruction(task, verb.word) : official;
  return {
    id: `${house.id}/${name}${verb ? `-${verb.word}` : ''}`,
    house: house.id,
    family: house.id,
    scene: house.scene,
    split: house.panel,
    taskType: task.type,
    item: task.item,
    target: task.target,
    instruction,
    ...(verb && { verb }),
    rules: house.rules,
    hash: gameHash(world, task),
    world,
    pddl_domain: householdDomain,
    grammar: householdGrammar(instruction),
    pddl_problem: problemText(world, task, house.rules),
    solvable: true,
    walkthrough: walkthroughOf(world, task, house.rules),
  };
}

function taskAt(house: House, index: number, types?: readonly TaskType[]): HouseTask {
  const tasks = tasksOf(house, types);
  const task = tasks[index % tasks.length];
  if (!task) throw new RangeError(`House ${house.id} carries no task of type ${types?.join(', ')}.`);
  return task;
}

function verbFor(house: House, task: HouseTask, random: Random, madeUpVerb?: boolean): MadeUpVerb | undefined {
  const means = processes[task.type];
  const word = means && house.rules.dialect?.[means];
  const isSpoken = madeUpVerb ?? random.chance(madeUpVerbShare);
  return means && word && isSpoken ? { word, means } : undefined;
}
