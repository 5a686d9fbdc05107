import { readCondition, type Condition } from './condition.ts';
import { invalidGame } from './game-file.ts';
import { asList, asWord, readSExpression, type SExpression } from './s-expression.ts';
import { readTypedList, type Typed } from './typed-list.ts';

/** A PDDL problem: what there is, what holds at first, and what is wanted. */
export interface Problem {
  readonly objects: readonly Typed[];
  /** `[predicate, arg, …]` each. */
  readonly facts: readonly (readonly string[])[];
  /** Objects that only numeric facts, such as distances, name: they count when entities are given names. */
  readonly measured: readonly string[];
  readonly goal: Condition;
}

/** @throws {EnvironmentError} `GAME_INVALID` */
export function readProblem(text: string): Problem {
  const [define, , ...fields] = readSExpression(text);
  if (define !== 'define') throw invalidGame('The PDDL problem does not start with (define.');
  let objects: Typed[] = [];
  let facts: (readonly string[])[] = [];
  const measured: string[] = [];
  let goal: Condition | undefined;
  for (const field of fields) {
    const list = asList(field, 'A field of the problem');
    switch (list[0]) {
      case ':objects':
        objects = readTypedList(list.slice(1), ':objects');
        break;
      case ':init':
        facts = readFacts(list, measured);
        break;
      case ':goal':
        goal = readCondition(list[1] ?? []);
        break;
      case ':domain':
      case ':requirements':
      case ':metric':
        break;
      default:
        throw invalidGame(`The PDDL problem has a field ${String(list[0])}, which is not understood.`);
    }
  }
  if (goal === undefined) throw invalidGame('The PDDL problem has no :goal.');
  return { objects, facts, measured, goal };
}

function readFacts(list: readonly SExpression[], measured: string[]): (readonly string[])[] {
  const facts: (readonly string[])[] = [];
  for (let position = 1; position < list.length; position += 1) {
    const fact = asList(list[position], 'A fact of :init');
    const head = asWord(fact[0], 'The predicate of a fact');
    if (head === '=') {
      const fluent = asList(fact[1], 'A numeric fact');
      if (fluent[0] !== 'total-cost') {
        for (const arg of fluent.slice(1)) measured.push(asWord(arg, 'An argument of a numeric fact'));
      }
    } else if (head !== 'not') {
      for (const arg of fact) asWord(arg, `An argument of ${head}`);
      facts.push(fact as readonly string[]);
    }
  }
  return facts;
}
