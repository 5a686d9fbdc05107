import { fits, isOpenable, itemKind, type ItemKind } from './kinds.ts';
import { identifiers } from './names.ts';
import { appliances, type HouseRules, type Process } from './rules.ts';
import { processes, type HouseTask } from './tasks.ts';
import type { World } from './world.ts';

/** The world and goal of a game as a PDDL problem of the household domain. */
export function problemText(world: World, task: HouseTask, rules: HouseRules): string {
  const identifierOf = identifiers([...world.receptacles, ...world.items].map(({ name }) => name));
  const id = (name: string): string => identifierOf.get(name) ?? name;
  const locations = [...new Set(world.receptacles.map(({ location }) => location))];
  const kinds = [...new Set([...world.receptacles, ...world.items].map(({ kind }) => kindId(kind)))];
  return `(define (problem household-game)
  (:domain household)
  (:objects
    you - agent
    middle ${locations.map(place).join(' ')} - place
    ${kinds.join(' ')} - kind
    ${world.receptacles.map(({ name }) => id(name)).join(' ')} - receptacle
    ${world.items.map(({ name }) => id(name)).join(' ')} - item)
  (:init
    (atLocation you middle)
    (handFree you)
    ${[...receptacleFacts(world, rules, id), ...itemFacts(world, id), ...containment(world)].join('\n    ')})
  (:goal ${goalText(task)}))
`;
}

function* receptacleFacts(world: World, rules: HouseRules, id: (name: string) => string): Iterable<string> {
  for (const { name, kind, location } of world.receptacles) {
    const receptacle = id(name);
    yield `(receptacleType ${receptacle} ${kindId(kind)}) (receptacleAtLocation ${receptacle} ${place(location)})`;
    yield isOpenable(kind) ? `(openable ${receptacle})` : `(opened ${receptacle})`;
    for (const process of Object.keys(appliances) as Process[]) {
      const isRefusing = rules.refusal?.process === process && rules.refusal.works !== name;
      if (appliances[process] === kind && !isRefusing) yield `(${process}s ${receptacle})`;
    }
  }
}

function* itemFacts(world: World, id: (name: string) => string): Iterable<string> {
  const locationOf = new Map(world.receptacles.map(({ name, location }) => [name, location]));
  for (const { name, kind, receptacle } of world.items) {
    const item = id(name);
    const location = place(locationOf.get(receptacle) ?? -1);
    yield `(objectType ${item} ${kindId(kind)}) (inReceptacle ${item} ${id(receptacle)}) (objectAtLocation ${item} ${location})`;
    const properties = propertyPredicates.filter(([property]) => itemKind(kind)[property]);
    if (properties.length > 0) yield properties.map(([, predicate]) => `(${predicate} ${item})`).join(' ');
  }
}

const propertyPredicates: readonly (readonly [keyof ItemKind, string])[] = [
  ['portable', 'pickupable'],
  ['cleanable', 'cleanable'],
  ['heatable', 'heatable'],
  ['coolable', 'coolable'],
  ['sliceable', 'sliceable'],
  ['sharp', 'sharp'],
  ['lamp', 'toggleable'],
  ['vessel', 'isReceptacleObject'],
];

function* containment(world: World): Iterable<string> {
  const itemKinds = [...new Set(world.items.map(({ kind }) => kind))];
  for (const receptacleKind of new Set(world.receptacles.map(({ kind }) => kind))) {
    const fitting = itemKinds.filter((kind) => fits(kind, receptacleKind));
    if (fitting.length > 0)
      yield fitting.map((kind) => `(canContain ${kindId(receptacleKind)} ${kindId(kind)})`).join(' ');
  }
}

function goalText({ type, item, target }: HouseTask): string {
  const wanted = `(objectType ?o ${kindId(item)})`;
  const inTarget = (variable: string): string => `(inReceptacle ${variable} ?r)`;
  const targetType = `(receptacleType ?r ${kindId(target)})`;
  const process = processes[type];
  if (type === 'look_at_obj_in_light') {
    return `(and
    (exists (?a - agent ?o - item) (and ${wanted} (holds ?a ?o)))
    (exists (?a - agent ?l - place ?r - receptacle ?lamp - item)
      (and (objectType ?lamp ${kindId(target)}) (isToggled ?lamp) ${inTarget('?lamp')} (receptacleAtLocation ?r ?l) (atLocation ?a ?l))))`;
  }
  if (type === 'pick_two_obj_and_place') {
    return `(exists (?r - receptacle ?o - item ?other - item)
    (and ${targetType} ${wanted} ${inTarget('?o')} (objectType ?other ${kindId(item)}) ${inTarget('?other')} (not (= ?o ?other))))`;
  }
  const isProcessed = process ? `(${outcomes[process]} ?o) ` : '';
  return `(exists (?r - receptacle ?o - item) (and ${targetType} ${wanted} ${isProcessed}${inTarget('?o')}))`;
}

const outcomes: Readonly<Record<Process, string>> = { heat: 'isHot', cool: 'isCool', clean: 'isClean' };

function place(location: number): string {
  return `place_${location}`;
}

function kindId(kind: string): string {
  return `${kind}_kind`;
}
