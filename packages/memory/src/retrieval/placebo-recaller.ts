import {
  servedStatuses,
  type Advice,
  type BankEntry,
  type Fact,
  type Instead,
  type MachineForm,
  type Task,
} from '@skillrl/core';

import { entryProse } from '../bank/entry-text.ts';
import { selectEntry } from '../bank/select-entry.ts';
import { classOf, namesClass, wordsOf } from '../distillation/names.ts';
import { readAction } from '../distillation/trace.ts';
import { createRecaller } from './create-recaller.ts';
import { keyedDraw } from './keyed-draw.ts';
import type { Recaller, RecallerOptions, RecallExplanation, RecallPorts, RecallRequest } from './recaller.ts';
import { referenceBlock } from './reference-block.ts';

/**
 * A control: recalls as the real one would, then shows entries of another family in the place of the chosen ones, of the same kinds and forms,
 * and together as long as what the renderer made of the real ones. What is true everywhere is replaced by what is about other things, and what
 * the bank knows to be true of the task's own family is left out. Entries that find no stand-in are left out.
 */
export function placeboRecaller(ports: RecallPorts, options: RecallerOptions): Recaller {
  const real = createRecaller(ports, options);
  const { renderer = referenceBlock, budgetTokens = 600, select = {} } = options;

  async function standIns(advice: Advice, request: RecallRequest): Promise<Advice> {
    const { task } = request;
    const revision = advice.recall.bankRevision;
    const view = await ports.entries.view(options.namespace, revision);
    const pool: BankEntry[] = [];
    const isForeign = foreignTo(task);
    if (advice.entries.length > 0) {
      for await (const stored of view.list({ statuses: servedStatuses })) {
        const entry = selectEntry(stored, select);
        if (entry !== undefined && isElsewhere(entry, task)) pool.push(entry);
        else isForeign.exclude(stored);
      }
    }
    const shown: BankEntry[] = [];
    for (const entry of advice.entries) {
      // What is true everywhere and has no items to choose from finds its like among what is true elsewhere.
      const standIn =
        isBound(entry) || entry.machine === undefined
          ? nearestInLength(entry, pool, shown, task, isForeign)
          : aboutOthers(await view.get(entry.id), entry, isForeign);
      if (standIn !== undefined) shown.push(standIn);
    }
    const length = (entries: readonly BankEntry[]): number =>
      entries.length === 0 ? 0 : renderer.countTokens(renderer.render(entries, task));
    let kept = cutTo(advice.recall.tokens, shown, length);
    while (kept.length > 0 && length(kept) > (request.budgetTokens ?? budgetTokens)) kept = kept.slice(0, -1);
    const text = renderer.render(kept, task);
    const exposures = kept.map(({ id, version }) => ({ entryId: id, entryVersion: version, propensity: 1 }));
    const tokens = text === '' ? 0 : renderer.countTokens(text);
    return { entries: kept, text, recall: { ...advice.recall, shown: exposures, withheld: [], tokens } };
  }

  const recall = async (request: RecallRequest): Promise<Advice> => standIns(await real.recall(request), request);
  return {
    ...real,
    name: `placebo ${real.name}`,
    recall,
    explain: async (request): Promise<RecallExplanation> => {
      const explained = await real.explain(request);
      return { ...explained, advice: await standIns(explained.advice, request) };
    },
    restore: async (note, request) => {
      // The stand-ins follow from what was asked, at that revision.
      const advice = await recall({ ...request, revision: note.bankRevision });
      const noted = new Set(note.shown.map(({ entryId }) => entryId));
      const entries = advice.entries.filter(({ id }) => noted.has(id));
      return { entries, text: renderer.render(entries, request.task), recall: note };
    },
  };
}

function isBound({ conditions }: BankEntry): boolean {
  return conditions?.families !== undefined;
}

function isElsewhere({ conditions }: BankEntry, task: Task): boolean {
  const isSameWorld = conditions?.environments === undefined || conditions.environments.includes(task.environment);
  return isSameWorld && conditions?.families !== undefined && !conditions.families.includes(task.family ?? '');
}

/** What may stand in for something that is shown for a task: it is about nothing the task names, and says nothing true of its family. */
interface Foreign {
  /** Takes in what an entry that holds for the task says. */
  exclude(entry: BankEntry): void;
  name(name: string): boolean;
  fact(fact: Fact): boolean;
  warning(warning: Instead): boolean;
}

function foreignTo({ instruction }: Task): Foreign {
  const here = new Set<string>();
  const key = ({ subject, object }: Fact): string => `${classOf(subject)}\n${object}`;
  const name = (text: string): boolean => !namesClass(instruction, classOf(text));
  const asked = new Set(wordsOf(instruction));
  return {
    exclude: ({ machine }) => machine?.facts?.forEach((fact) => here.add(key(fact))),
    name,
    fact: (fact) => name(fact.subject) && !here.has(key(fact)),
    warning: ({ avoid, do: better }) =>
      [avoid, better]
        .map((action) => readAction(action))
        .every(({ verb, things }) => {
          const [word = ''] = wordsOf(verb);
          return !asked.has(word) && things.every(name);
        }),
  };
}

/** Characters of length that a missing machine form counts for, when stand-ins are compared. */
const missingForm = 200;

/** The entry of another family that is most like the real one in kind, forms and length, and not shown yet. */
function nearestInLength(
  entry: BankEntry,
  pool: readonly BankEntry[],
  shown: readonly BankEntry[],
  task: Task,
  isForeign: Foreign,
): BankEntry | undefined {
  const length = entryProse(entry).length;
  const difference = (other: BankEntry): number =>
    Math.abs(entryProse(other).length - length) + missingForm * missing(entry.machine, other.machine);
  return pool
    .filter(({ kind, id }) => kind === entry.kind && shown.every((other) => other.id !== id))
    .map((other) => trimmed(other, entry, isForeign))
    .filter((other) => other !== undefined)
    .toSorted((a, b) => difference(a) - difference(b) || keyedDraw(task.id, a.id) - keyedDraw(task.id, b.id))[0];
}

/** A general entry's items about things that the task does not name, as many as the real one showed. */
function aboutOthers(whole: BankEntry | undefined, shown: BankEntry, isForeign: Foreign): BankEntry | undefined {
  return whole && shown.machine && trimmed(whole, shown, isForeign);
}

/**
 * The entry with as many items of each form as the real one shows, all of them foreign: where a thing that the task names is in another house
 * says something of where it may be in this one. `undefined` for a principle of which nothing is left, and for a demonstration of the task's
 * own thing.
 */
function trimmed(other: BankEntry, real: BankEntry, isForeign: Foreign): BankEntry | undefined {
  const { facts = [], order = [], procedures = [], instead = [] } = other.machine ?? {};
  // The steps of a demonstration are shown whole or not at all.
  if (other.kind === 'demonstration') {
    const isOfTask = ({ subject }: Fact): boolean =>
      namesClass(other.body.goal, classOf(subject)) && !isForeign.name(subject);
    if (facts.some(isOfTask)) return undefined;
  }
  const most = (form: keyof MachineForm): number => real.machine?.[form]?.length ?? 0;
  const machine = onlyFilled({
    facts: facts.filter(isForeign.fact).slice(0, most('facts')),
    order: order.filter(({ find }) => isForeign.name(find)).slice(0, most('order')),
    procedures: procedures.filter(({ name }) => isForeign.name(name)).slice(0, most('procedures')),
    instead: instead.filter(isForeign.warning).slice(0, most('instead')),
  });
  return machine === undefined && other.kind === 'principle' ? undefined : { ...other, machine };
}

function onlyFilled(machine: MachineForm): MachineForm | undefined {
  const filled = Object.entries(machine).filter(([, items]) => items.length > 0);
  return filled.length === 0 ? undefined : Object.fromEntries(filled);
}

/** How many forms the real entry shows and the other does not. */
function missing(real: MachineForm = {}, other: MachineForm = {}): number {
  return Object.keys(real).filter((form) => !(form in other)).length;
}

/** Without the last items, as long as that brings the rendered length nearer to the real one: what real entries say twice is rendered once. */
function cutTo(
  tokens: number,
  entries: readonly BankEntry[],
  length: (entries: readonly BankEntry[]) => number,
): readonly BankEntry[] {
  const shorter = withoutLastItem(entries);
  if (shorter === undefined) return entries;
  const isNearer = Math.abs(length(shorter) - tokens) < Math.abs(length(entries) - tokens);
  return isNearer ? cutTo(tokens, shorter, length) : entries;
}

/** The entries without the last item of the last machine form there is; a principle without any is taken out. */
function withoutLastItem(entries: readonly BankEntry[]): readonly BankEntry[] | undefined {
  const at = entries.findLastIndex(({ machine }) => machine !== undefined);
  const entry = entries[at];
  const [form, items = []] = Object.entries(entry?.machine ?? {}).at(-1) ?? [];
  if (entry === undefined || form === undefined) return undefined;
  const machine = onlyFilled({ ...entry.machine, [form]: items.slice(0, -1) });
  const left = machine === undefined && entry.kind === 'principle' ? [] : [{ ...entry, machine }];
  return entries.toSpliced(at, 1, ...left);
}
