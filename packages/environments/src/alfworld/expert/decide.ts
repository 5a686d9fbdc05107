import { isAt } from './belief.ts';
import type { Belief } from './belief.ts';
import { applianceOf, classOf, numberOf } from './goal.ts';
import type { Treatment } from './goal.ts';
import { appliancesFromGuidance } from './guidance.ts';
import { planTreatments } from './plan-treatments.ts';
import { nextPlace } from './search.ts';
import type { ExpertOptions } from './expert-options.ts';

/** The next command of an observer who believes this; always a command, even when nothing promising is left. */
export function decide(belief: Belief, options: ExpertOptions): string {
  const command = belief.goal.kind === 'look' ? decideLook(belief, options) : decidePlace(belief, options);
  if (command && !belief.failed.has(command)) return command;
  return wander(belief, options);
}

function decideLook(belief: Belief, options: ExpertOptions): string | undefined {
  const { holding, goal } = belief;
  if (holding !== undefined && classOf(holding) !== goal.object) return putBack(belief, options, holding);
  if (holding === undefined) return fetchOrSearch(belief, options);
  const lamps = placesHolding(belief, goal.destination);
  const lamp = lamps.find(({ receptacle }) => isAt(belief, receptacle)) ?? lamps[0];
  if (!lamp) return search(belief, options, goal.destination);
  return isAt(belief, lamp.receptacle) ? `use ${lamp.object}` : `go to ${lamp.receptacle}`;
}

function decidePlace(belief: Belief, options: ExpertOptions): string | undefined {
  const { holding, goal } = belief;
  if (holding === undefined) return fetchOrSearch(belief, options);
  if (classOf(holding) !== goal.object) return putBack(belief, options, holding);
  for (const treatment of planTreatments(belief, options, holding)) {
    const appliance = chooseAppliance(belief, options, treatment);
    if (!appliance) continue;
    return isAt(belief, appliance) ? `${treatment} ${holding} with ${appliance}` : `go to ${appliance}`;
  }
  const destination = chooseDestination(belief, options, holding);
  return destination && putInto(belief, options, holding, destination);
}

/** Takes a known object of the goal's class, or looks for one. */
function fetchOrSearch(belief: Belief, options: ExpertOptions): string | undefined {
  const known = placesHolding(belief, belief.goal.object).filter(
    ({ receptacle }) => !isInPlace(belief, options, receptacle),
  );
  const here = known.find(({ receptacle }) => isAt(belief, receptacle));
  const chosen = here ?? known[0];
  if (!chosen) return search(belief, options, belief.goal.object);
  const { object, receptacle } = chosen;
  if (!isAt(belief, receptacle)) return `go to ${receptacle}`;
  return belief.states.get(receptacle) === 'closed' ? `open ${receptacle}` : `take ${object} from ${receptacle}`;
}

/** Whether an object in this receptacle already serves the goal, so that another one is needed. */
function isInPlace(belief: Belief, options: ExpertOptions, receptacle: string): boolean {
  const { goal } = belief;
  if (goal.kind === 'look' || classOf(receptacle) !== goal.destination) return false;
  if (goal.count === 2) return receptacle === fullestDestination(belief);
  if (goal.verb !== undefined) return options.guesses?.again === false && belief.disproved.size > 0;
  return goal.treatment === undefined;
}

function search(belief: Belief, options: ExpertOptions, objectClass: string): string | undefined {
  const place = nextPlace(belief, objectClass, options);
  if (place === undefined) return undefined;
  if (!isAt(belief, place)) return `go to ${place}`;
  return belief.states.get(place) === 'closed' ? `open ${place}` : `examine ${place}`;
}

/** Objects of a class in the receptacles seen, in the order of the room's list. */
function placesHolding(belief: Belief, objectClass: string): { object: string; receptacle: string }[] {
  const found: { object: string; receptacle: string }[] = [];
  for (const receptacle of belief.receptacles) {
    for (const object of belief.contents.get(receptacle) ?? []) {
      if (classOf(object) === objectClass) found.push({ object, receptacle });
    }
  }
  return found;
}

function chooseAppliance(belief: Belief, options: ExpertOptions, treatment: Treatment): string | undefined {
  const { preferred, avoided } = appliancesFromGuidance(options.guidance, treatment);
  const rank = (receptacle: string): number => {
    if (preferred.includes(receptacle)) return -1000;
    if (isAt(belief, receptacle)) return avoided.includes(receptacle) ? 1000 : -500;
    return (avoided.includes(receptacle) ? 1000 : 0) + (options.search === 'informed' ? 1 : -1) * numberOf(receptacle);
  };
  return belief.receptacles
    .filter(
      (receptacle) =>
        classOf(receptacle) === applianceOf[treatment] && !belief.refused.has(`${treatment} ${receptacle}`),
    )
    .sort((one, other) => rank(one) - rank(other))[0];
}

/** The receptacle of the goal's class that costs the fewest steps to reach and open, as far as known; the lowest number among equals. */
function chooseDestination(belief: Belief, options: ExpertOptions, held: string): string | undefined {
  if (belief.goal.count === 2) {
    const fullest = fullestDestination(belief);
    if (fullest) return fullest;
  }
  const cost = (receptacle: string): number => {
    if (belief.failed.has(putCommand(options, held, receptacle))) return 100 + numberOf(receptacle);
    const state = belief.states.get(receptacle);
    const opening = state === 'closed' ? 0.9 : state === undefined ? 0.5 : 0;
    return (isAt(belief, receptacle) ? 0 : 1) + opening + numberOf(receptacle) / 1000;
  };
  return belief.receptacles
    .filter((receptacle) => classOf(receptacle) === belief.goal.destination)
    .sort((one, other) => cost(one) - cost(other))[0];
}

/** The destination that holds the most objects of the goal's class, if one is known to hold any. */
function fullestDestination(belief: Belief): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (const receptacle of belief.receptacles) {
    if (classOf(receptacle) !== belief.goal.destination) continue;
    const inside = [...(belief.contents.get(receptacle) ?? [])];
    const count = inside.filter((object) => classOf(object) === belief.goal.object).length;
    if (count > most) [best, most] = [receptacle, count];
  }
  return best;
}

function putInto(belief: Belief, options: ExpertOptions, held: string, receptacle: string): string {
  if (!isAt(belief, receptacle)) return `go to ${receptacle}`;
  if (belief.states.get(receptacle) === 'closed') return `open ${receptacle}`;
  const command = putCommand(options, held, receptacle);
  return belief.failed.has(command) && !belief.states.has(receptacle) ? `examine ${receptacle}` : command;
}

function putBack(belief: Belief, options: ExpertOptions, held: string): string {
  const here = belief.at;
  const isFree = here !== undefined && belief.states.get(here) !== 'closed';
  if (isFree && !belief.failed.has(putCommand(options, held, here))) return putCommand(options, held, here);
  return putInto(belief, options, held, belief.origins.get(held) ?? belief.receptacles[0]!);
}

function putCommand(options: ExpertOptions, held: string, receptacle: string): string {
  return options.commandStyle === 'put' ? `put ${held} in/on ${receptacle}` : `move ${held} to ${receptacle}`;
}

/** Nothing promising is left: look once more through the room, a place a turn. */
function wander(belief: Belief, options: ExpertOptions): string {
  const { receptacles, steps } = belief;
  const start = (steps + options.seed) % receptacles.length;
  for (let offset = 0; offset < receptacles.length; offset += 1) {
    const receptacle = receptacles[(start + offset) % receptacles.length]!;
    if (isAt(belief, receptacle) && belief.states.get(receptacle) === 'closed') return `open ${receptacle}`;
    const command = `go to ${receptacle}`;
    if (!isAt(belief, receptacle) && !belief.failed.has(command)) return command;
  }
  return 'look';
}
