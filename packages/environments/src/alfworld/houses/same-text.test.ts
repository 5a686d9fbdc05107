import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, requirement } from '@skillrl/testing';
import { expect, it } from 'vitest';

import { compileGame, playGame, type GameFile } from '../engine/index.ts';
import { fits, isOpenable, itemKind } from './kinds.ts';
import { drawPanel, processes, type GeneratedGame } from './index.ts';
import { identifiers } from './names.ts';
import { randomFor } from './random.ts';

// The same world told by the official domain and grammar. They know no refusing appliances.
describeWith(requirement('data', { part: 'alfworld/domain_2.1.2.pddl' }), 'the official domain and grammar', (path) => {
  const domain = readFileSync(path, 'utf8');
  const grammar = readFileSync(join(path, '..', 'grammar_2.1.2_example.twl2'), 'utf8');
  const { games } = drawPanel('development', { panelSeed: 'same text', houses: 40, tasksPerHouse: 1 });
  const tellable = games.filter(({ rules }) => !rules.refusal);

  it('say word for word what ours say, whatever is done', { timeout: 120_000 }, () => {
    expect(tellable.length).toBeGreaterThanOrEqual(20);
    for (const game of tellable) {
      const official = playGame(compileGame(officially(game, domain, grammar)));
      const ours = playGame(compileGame(game));
      const random = randomFor(game.id);
      let turn = ours.reset();
      expect(turn).toEqual(official.reset());
      for (let step = 0; step < 100; step += 1) {
        // The walkthrough comes late: a task that is done is not undone by chance then.
        const verbs = Map.groupBy(turn.admissible, (command) => command.split(' ')[0] ?? '');
        const command = random.pick(random.pick([...verbs.values()]));
        turn = ours.step(command);
        expect({ command, ...turn }).toEqual({ command, ...official.step(command) });
      }
      ours.reset();
      official.reset();
      for (const command of game.walkthrough) {
        turn = ours.step(command);
        expect({ command, ...turn }).toEqual({ command, ...official.step(command) });
      }
      expect(turn).toMatchObject({ done: true, score: 1 });
    }
  });
});

/** The game's world and goal in the predicates of the official domain. */
function officially(game: GeneratedGame, domain: string, grammar: string): GameFile {
  const { receptacles, items } = game.world;
  const idOf = identifiers([...receptacles, ...items].map(({ name }) => name));
  const id = (name: string): string => idOf.get(name) ?? name;
  const locationOf = new Map(receptacles.map(({ name, location }) => [name, `loc_${location}`]));
  const receptacleKinds = [...new Set(receptacles.map(({ kind }) => kind))];
  const itemKinds = [...new Set(items.map(({ kind }) => kind))];
  const facts = [
    '(atLocation agent1 loc_start)',
    ...receptacles.flatMap(({ name, kind, location }) => [
      `(receptacleAtLocation ${id(name)} loc_${location})`,
      `(receptacleType ${id(name)} ${kind}Type)`,
      ...(isOpenable(kind) ? [`(openable ${id(name)})`] : []),
    ]),
    ...items.flatMap(({ name, kind, receptacle }) => [
      `(objectType ${id(name)} ${kind}Type)`,
      `(inReceptacle ${id(name)} ${id(receptacle)})`,
      `(objectAtLocation ${id(name)} ${locationOf.get(receptacle)})`,
      ...propertyFacts(kind, id(name)),
    ]),
    ...receptacleKinds.flatMap((receptacle) =>
      itemKinds.filter((item) => fits(item, receptacle)).map((item) => `(canContain ${receptacle}Type ${item}Type)`),
    ),
  ];
  return {
    pddl_domain: domain,
    grammar: grammar.replace(/Your task is to: [^"]*/, `Your task is to: ${game.instruction}`),
    pddl_problem: `(define (problem same) (:domain alfred)
      (:objects agent1 - agent loc_start ${[...new Set(locationOf.values())].join(' ')} - location
        ${receptacles.map(({ name }) => id(name)).join(' ')} - receptacle ${items.map(({ name }) => id(name)).join(' ')} - object
        ${receptacleKinds.map((kind) => `${kind}Type`).join(' ')} - rtype ${itemKinds.map((kind) => `${kind}Type`).join(' ')} - otype)
      (:init ${facts.join('\n')})
      (:goal ${officialGoal(game)}))`,
  };
}

function propertyFacts(kind: string, id: string): string[] {
  const { portable, cleanable, heatable, coolable, sliceable, lamp, vessel } = itemKind(kind);
  const properties = {
    pickupable: portable,
    cleanable,
    heatable,
    coolable,
    sliceable,
    toggleable: lamp,
    isReceptacleObject: vessel,
  };
  return Object.entries(properties).flatMap(([predicate, holds]) => (holds ? [`(${predicate} ${id})`] : []));
}

function officialGoal({ taskType, item, target }: GeneratedGame): string {
  const put = (o: string): string =>
    `(objectType ${o} ${item}Type) (receptacleType ?r ${target}Type) (inReceptacle ${o} ?r)`;
  const outcome = { heat: 'isHot', cool: 'isCool', clean: 'isClean' };
  const process = processes[taskType];
  if (taskType === 'look_at_obj_in_light') {
    return `(and (exists (?ot - object ?r - receptacle ?a - agent ?l - location)
        (and (objectType ?ot ${target}Type) (toggleable ?ot) (isToggled ?ot) (receptacleAtLocation ?r ?l) (atLocation ?a ?l) (inReceptacle ?ot ?r)))
      (exists (?o - object ?a - agent) (and (objectType ?o ${item}Type) (holds ?a ?o))))`;
  }
  if (taskType === 'pick_two_obj_and_place') {
    return `(exists (?r - receptacle) (exists (?o1 - object)
      (and ${put('?o1')} (exists (?o2 - object) (and (not (= ?o1 ?o2)) ${put('?o2')})))))`;
  }
  return `(exists (?r - receptacle) (exists (?o - object) (and ${put('?o')} ${process ? `(${outcome[process]} ?o)` : ''})))`;
}
