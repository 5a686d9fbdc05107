import type { BankEntry, Task } from '../../../packages/core/src/index.ts';
import { seededRandom } from '../../../packages/testing/src/seeded-random.ts';
import { domains, type Domain } from './domains.ts';

/**
 * Entries as years of work in households, shops, repositories, on phones and in kitchens would leave them: half demonstrations, a third
 * lessons, the rest principles; some hold everywhere, most in one environment, a third in one family of it. The same for the same number.
 */
export function generatedEntry(number: number, namespace: string): BankEntry {
  const random = seededRandom(31 * number + 5);
  const { domain, scene } = draw(random);
  const [first, second] = domain.steps(scene, random);
  const base = {
    id: `entry-${number}`,
    version: 1,
    namespace,
    scope: 'task',
    cluster: domain.type(scene),
    conditions: conditionsOf(domain, scene, random),
    evidence: [{ episodeId: `episode-${number}`, taskId: `task-${number}`, hash: `sha256:${number}`, trusted: true }],
    status: random() < 0.8 ? 'active' : 'trial',
    tokens: 90,
    createdAt: 1_700_000_000_000 + number * 60_000,
  } as const;
  const goal = domain.goal(scene);
  const kind = random();
  if (kind < 0.5) {
    return {
      ...base,
      kind: 'demonstration',
      title: `How to ${goal}`,
      machine: {
        facts: [{ subject: `${scene.thing} ${1 + (number % 3)}`, relation: 'in', object: `${scene.place} 1` }],
      },
      body: {
        goal,
        steps: [...domain.steps(scene, random), ...domain.steps(draw(random).scene, random)].slice(0, 5),
        result: `Done: ${goal}.`,
      },
      madeBy: { method: 'demonstration' },
    };
  }
  const principle = `${domain.rule(scene)} before you ${scene.verb} the ${scene.thing}`;
  if (kind < 0.85) {
    return {
      ...base,
      kind: 'lesson',
      title: `${domain.rule(scene)}, then ${scene.verb} the ${scene.thing}`,
      machine: random() < 0.5 ? { instead: [{ avoid: second!.action, do: first!.action }] } : undefined,
      body: {
        pointOfFailure: `The ${scene.thing} was not ready at the ${scene.place}.`,
        flawedDecision: second!.action,
        correction: first!.action,
        principle: `${principle}.`,
        appliesWhen: `asked to ${goal}`,
      },
      madeBy: { method: 'contrastive' },
    };
  }
  return {
    ...base,
    kind: 'principle',
    title: `Where a ${scene.quality} ${scene.thing} belongs`,
    machine:
      random() < 0.3 ? { order: [{ find: scene.thing, places: [scene.place, draw(random).scene.place] }] } : undefined,
    body: {
      principle: `${principle}; look at the ${scene.place} first.`,
      appliesWhen: `a task is about a ${scene.quality} ${scene.thing}`,
    },
    madeBy: { method: 'person' },
  };
}

/** A task of the same worlds, and none that an entry was made from. */
export function generatedTask(number: number): Task {
  const random = seededRandom(977 * number + 13);
  const { domain, scene } = draw(random);
  return {
    id: `asked-${number}`,
    environment: domain.environment,
    instruction: domain.goal(scene),
    family: `${domain.environment}-${Math.floor(random() * domain.families)}`,
    type: domain.type(scene),
    domainKind: 'convergent',
  };
}

export interface Scene {
  readonly verb: string;
  readonly thing: string;
  readonly quality: string;
  readonly place: string;
  /** A brand, a module, a customer: the rare words that real work is full of. */
  readonly name: string;
}

function draw(random: () => number): { readonly domain: Domain; readonly scene: Scene } {
  const one = <Item>(list: readonly Item[]): Item => list[Math.floor(random() * list.length)]!;
  const domain = one(domains);
  const { verbs, things, qualities, places } = domain;
  return {
    domain,
    scene: {
      verb: one(verbs),
      thing: one(things),
      quality: one(qualities),
      place: one(places),
      name: nameFrom(random),
    },
  };
}

function conditionsOf(domain: Domain, scene: Scene, random: () => number): BankEntry['conditions'] {
  const share = random();
  if (share < 0.2) return undefined;
  const environments = [domain.environment];
  if (share < 0.5) return { environments };
  if (share < 0.67) return { environments, types: [domain.type(scene)] };
  return { environments, families: [`${domain.environment}-${Math.floor(random() * domain.families)}`] };
}

const syllables = ['ka', 'lo', 'mi', 'ren', 'tu', 'sva', 'pol', 'dri', 'zen', 'qua', 'fer', 'ha', 'ost', 'il', 'nu'];

/** One of 3,375 names. */
function nameFrom(random: () => number): string {
  return Array.from({ length: 3 }, () => syllables[Math.floor(random() * syllables.length)]!).join('');
}
