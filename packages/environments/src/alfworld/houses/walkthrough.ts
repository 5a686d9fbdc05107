import type { Receptacle } from './house.ts';
import { isOpenable } from './kinds.ts';
import { appliances, type HouseRules, type Process } from './rules.ts';
import { processes, type HouseTask } from './tasks.ts';
import type { PlacedItem, World } from './world.ts';

/**
 * The shortest list of commands that wins the game for one who knows where everything is and which appliance works.
 *
 * Every choice of item and target is tried. One who stands at a receptacle does not go there: the engine does not admit it.
 */
export function walkthroughOf(world: World, task: HouseTask, rules: HouseRules): string[] {
  const wanted = world.items.filter(({ kind }) => kind === task.item);
  const plans =
    task.type === 'look_at_obj_in_light' ? lookPlans(world, task, wanted) : carryPlans(world, task, rules, wanted);
  const [first, ...others] = plans;
  if (!first) throw new Error(`No plan for ${task.type} ${task.item} ${task.target}: the house cannot carry the task.`);
  return others.reduce((best, plan) => (plan.length < best.length ? plan : best), first);
}

function lookPlans(world: World, task: HouseTask, wanted: readonly PlacedItem[]): string[][] {
  const lamps = world.items.filter(({ kind }) => kind === task.target);
  return wanted.flatMap((item) =>
    lamps.map((lamp) => {
      const walk = walker(world);
      walk.take(item);
      walk.reach(lamp.receptacle);
      return [...walk.commands, `use ${lamp.name}`];
    }),
  );
}

function carryPlans(world: World, task: HouseTask, rules: HouseRules, wanted: readonly PlacedItem[]): string[][] {
  const targets = world.receptacles.filter(({ kind }) => kind === task.target);
  const process = processes[task.type];
  const working = process ? workingAppliances(world, rules, process) : [undefined];
  const loads = task.type === 'pick_two_obj_and_place' ? pairs(wanted) : wanted.map((item) => [item]);
  return loads.flatMap((load) =>
    targets.flatMap((target) =>
      working.map((appliance) => {
        const walk = walker(world);
        for (const item of load) {
          walk.take(item);
          if (process && appliance) walk.processAt(process, item, appliance);
          walk.putDown(item, target);
        }
        return walk.commands;
      }),
    ),
  );
}

function workingAppliances(world: World, rules: HouseRules, process: Process): Receptacle[] {
  const { refusal } = rules;
  return world.receptacles.filter(
    ({ name, kind }) => kind === appliances[process] && (refusal?.process !== process || refusal.works === name),
  );
}

function pairs(items: readonly PlacedItem[]): PlacedItem[][] {
  return items.flatMap((one) => items.flatMap((other) => (other === one ? [] : [[one, other]])));
}

/** Commands gathered step by step by an agent that remembers where it stands and what it opened. */
function walker(world: World) {
  const receptacleOf = new Map(world.receptacles.map((receptacle) => [receptacle.name, receptacle]));
  const commands: string[] = [];
  const opened = new Set<string>();
  let location = -1;

  const goTo = (name: string): void => {
    const receptacle = receptacleOf.get(name);
    if (!receptacle || receptacle.location === location) return;
    commands.push(`go to ${name}`);
    location = receptacle.location;
  };
  const reachInto = (name: string): void => {
    goTo(name);
    if (!isOpenable(name.split(' ')[0] ?? '') || opened.has(name)) return;
    commands.push(`open ${name}`);
    opened.add(name);
  };

  return {
    commands,
    reach: goTo,
    take: (item: PlacedItem): void => {
      reachInto(item.receptacle);
      commands.push(`take ${item.name} from ${item.receptacle}`);
    },
    processAt: (process: Process, item: PlacedItem, appliance: Receptacle): void => {
      goTo(appliance.name);
      commands.push(`${process} ${item.name} with ${appliance.name}`);
    },
    putDown: (item: PlacedItem, target: Receptacle): void => {
      reachInto(target.name);
      commands.push(`move ${item.name} to ${target.name}`);
    },
  };
}
