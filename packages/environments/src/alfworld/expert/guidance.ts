import type { BankEntry, Fact, Instead, MachineForm, Procedure, SearchOrder } from '@skillrl/core';
import type { Treatment } from './goal.ts';
import { applianceOf, classOf, parseGoal, treatments } from './goal.ts';
import { parseCommand } from './observation.ts';

/** An earlier success, as a prompt shows it. */
export interface EarlierSuccess {
  readonly goal: string;
  readonly actions: readonly string[];
}

/** What one entry says, whatever its kind, in the forms that the small policy and the expert read. */
export interface Guidance extends MachineForm {
  readonly earlier?: EarlierSuccess;
  /** Free prose, for entries without a machine form. */
  readonly note?: string;
}

/** What a bank entry says to a reader of short forms. */
export function guidanceFromEntry(entry: BankEntry): Guidance {
  const machine = entry.machine ?? {};
  if (entry.kind === 'demonstration') {
    return { ...machine, earlier: { goal: entry.body.goal, actions: entry.body.steps.map((step) => step.action) } };
  }
  const hasMachineForm = Object.values(machine).some((forms) => forms !== undefined && forms.length > 0);
  return hasMachineForm ? machine : { note: entry.body.principle };
}

/** Places that guidance names for an object's class, best first; receptacles by name (`cabinet 3`) or by class (`cabinet`). */
export function placesFromGuidance(guidance: readonly Guidance[], objectClass: string): string[] {
  const places: string[] = [];
  for (const entry of guidance) {
    for (const fact of entry.facts ?? []) if (isPlaceFact(fact, objectClass)) places.push(fact.object);
    for (const instead of entry.instead ?? []) {
      const better = parseCommand(instead.do);
      if (better?.verb === 'go' && parseCommand(instead.avoid)?.verb === 'go') places.push(better.receptacle!);
    }
    places.push(...earlierPlaces([entry], objectClass));
  }
  for (const entry of guidance) {
    for (const order of entry.order ?? []) if (classOf(order.find) === objectClass) places.push(...order.places);
  }
  // An earlier success may come from another room: its kind of place is worth trying after its very place.
  return [...places, ...earlierPlaces(guidance, objectClass).map(classOf)];
}

/** Where earlier successes took an object of the class from, or used a lamp of it. */
function earlierPlaces(guidance: readonly Guidance[], objectClass: string): string[] {
  const places: string[] = [];
  for (const entry of guidance) {
    let at: string | undefined;
    for (const action of entry.earlier?.actions ?? []) {
      const command = parseCommand(action);
      if (command?.verb === 'go') at = command.receptacle;
      const isAbout = command?.object !== undefined && classOf(command.object) === objectClass;
      if (isAbout && command.verb === 'take') places.push(command.receptacle!);
      if (isAbout && command.verb === 'use' && at !== undefined) places.push(at);
    }
  }
  return places;
}

function isPlaceFact(fact: Fact, objectClass: string): boolean {
  return (fact.relation === 'in' || fact.relation === 'on') && classOf(fact.subject) === objectClass;
}

/** Places that guidance says were searched in vain. */
export function placesToAvoid(guidance: readonly Guidance[]): string[] {
  return guidance
    .flatMap((entry) => entry.instead ?? [])
    .map((instead) => parseCommand(instead.avoid))
    .flatMap((command) => (command?.verb === 'go' && command.receptacle ? [command.receptacle] : []));
}

/**
 * What guidance says a made-up verb means, best first: procedures, then earlier successes that it names, then what is to be done instead of
 * another treatment.
 */
export function meaningsOf(guidance: readonly Guidance[], verb: string): Treatment[] {
  const told = [
    ...guidance
      .flatMap((entry) => entry.procedures ?? [])
      .filter((procedure) => procedure.name === verb)
      .map(meansOf),
    ...guidance
      .filter((entry) => entry.earlier !== undefined && parseGoal(entry.earlier.goal)?.verb === verb)
      .flatMap((entry) => entry.earlier?.actions ?? [])
      .map((action) => treatments.find((treatment) => treatment === parseCommand(action)?.verb)),
    ...insteadTreatments(guidance)
      .filter(({ better, worse }) => worse !== undefined && worse !== better)
      .map(({ better }) => better),
  ];
  return told.filter((treatment) => treatment !== undefined);
}

function meansOf(procedure: Procedure): Treatment | undefined {
  const word = procedure.means.trim().split(' ')[0];
  return treatments.find((treatment) => treatment === word);
}

/** The appliance that guidance names for a treatment, and those it warns of. */
export function appliancesFromGuidance(
  guidance: readonly Guidance[],
  treatment: Treatment,
): { preferred: string[]; avoided: string[] } {
  const preferred: string[] = [];
  const avoided: string[] = [];
  for (const instead of insteadTreatments(guidance)) {
    if (instead.better === treatment && instead.betterWith) preferred.push(instead.betterWith);
    if (instead.worse === treatment && instead.worseWith) avoided.push(instead.worseWith);
  }
  for (const entry of guidance) {
    for (const action of entry.earlier?.actions ?? []) {
      const command = parseCommand(action);
      if (command?.verb === treatment && command.receptacle) preferred.push(command.receptacle);
    }
  }
  return { preferred, avoided };
}

interface InsteadTreatment {
  readonly better: Treatment | undefined;
  readonly betterWith: string | undefined;
  readonly worse: Treatment | undefined;
  readonly worseWith: string | undefined;
}

function insteadTreatments(guidance: readonly Guidance[]): InsteadTreatment[] {
  return guidance
    .flatMap((entry) => entry.instead ?? [])
    .map(readInstead)
    .filter((instead) => instead.better !== undefined);
}

function readInstead(instead: Instead): InsteadTreatment {
  const better = parseCommand(instead.do);
  const worse = parseCommand(instead.avoid);
  return {
    better: treatments.find((treatment) => treatment === better?.verb),
    betterWith: better?.receptacle,
    worse: treatments.find((treatment) => treatment === worse?.verb),
    worseWith: worse?.receptacle,
  };
}

/** Whether a place named by guidance is this receptacle, by name or by class. */
export function namesPlace(place: string, receptacle: string): boolean {
  return place === receptacle || place === classOf(receptacle);
}

/** The classes of receptacle that treat objects. */
export const applianceClasses: readonly string[] = Object.values(applianceOf);

export type { Fact, Instead, Procedure, SearchOrder };
