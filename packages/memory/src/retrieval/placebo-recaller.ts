import { servedStatuses, type Advice, type BankEntry, type MachineForm, type Task } from '@skillrl/core';

import { entryProse } from '../bank/entry-text.ts';
import { selectEntry } from '../bank/select-view.ts';
import { classOf, namesClass } from '../distillation/names.ts';
import { createRecaller } from './create-recaller.ts';
import { keyedDraw } from './keyed-draw.ts';
import type { Recaller, RecallerOptions, RecallExplanation, RecallPorts, RecallRequest } from './recaller.ts';
import { referenceBlock } from './reference-block.ts';

/**
 * A control: recalls as the real one would, then shows entries of another family in the place of the chosen ones, of the same kinds and forms
 * and about as long. What is true everywhere is replaced by what is about other things. Entries that find no stand-in are left out.
 */
export function placeboRecaller(ports: RecallPorts, options: RecallerOptions): Recaller {
  const real = createRecaller(ports, options);
  const { renderer = referenceBlock, budgetTokens = 600, select = {} } = options;

  async function standIns(advice: Advice, request: RecallRequest): Promise<Advice> {
    const { task } = request;
    const revision = advice.recall.bankRevision;
    const view = await ports.entries.view(revision);
    const pool: BankEntry[] = [];
    if (advice.entries.length > 0) {
      for await (const stored of view.list({ namespace: options.namespace, statuses: servedStatuses })) {
        const entry = selectEntry(stored, select);
        if (entry !== undefined && isElsewhere(entry, task)) pool.push(entry);
      }
    }
    const shown: BankEntry[] = [];
    for (const entry of advice.entries) {
      const standIn = isBound(entry)
        ? nearestInLength(entry, pool, shown, task)
        : aboutOthers(await view.get(entry.id), entry, task);
      if (standIn !== undefined) shown.push(standIn);
    }
    const fits = (entries: readonly BankEntry[]): boolean =>
      renderer.countTokens(renderer.render(entries, task)) <= (request.budgetTokens ?? budgetTokens);
    while (shown.length > 0 && !fits(shown)) shown.pop();
    const text = renderer.render(shown, task);
    const exposures = shown.map(({ id, version }) => ({ entryId: id, entryVersion: version, propensity: 1 }));
    const tokens = text === '' ? 0 : renderer.countTokens(text);
    return { entries: shown, text, recall: { ...advice.recall, shown: exposures, withheld: [], tokens } };
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
    restore: async (note, task) => {
      // The stand-ins follow from task and revision; the budget has already cut them.
      const advice = await recall({ task, revision: note.bankRevision });
      const noted = new Set(note.shown.map(({ entryId }) => entryId));
      const entries = advice.entries.filter(({ id }) => noted.has(id));
      return { entries, text: renderer.render(entries, task), recall: note };
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

/** Characters of length that a missing machine form counts for, when stand-ins are compared. */
const missingForm = 200;

/** The entry of another family that is most like the real one in kind, forms and length, and not shown yet. */
function nearestInLength(
  entry: BankEntry,
  pool: readonly BankEntry[],
  shown: readonly BankEntry[],
  task: Task,
): BankEntry | undefined {
  const length = entryProse(entry).length;
  const difference = (other: BankEntry): number =>
    Math.abs(entryProse(other).length - length) + missingForm * missing(entry.machine, other.machine);
  return pool
    .filter(({ kind, id }) => kind === entry.kind && shown.every((other) => other.id !== id))
    .map((other) => trimmed(other, entry, task))
    .filter((other) => other !== undefined)
    .toSorted((a, b) => difference(a) - difference(b) || keyedDraw(task.id, a.id) - keyedDraw(task.id, b.id))[0];
}

/** A general entry's items about things that the task does not name, as many as the real one showed. */
function aboutOthers(whole: BankEntry | undefined, shown: BankEntry, task: Task): BankEntry | undefined {
  return whole && shown.machine && trimmed(whole, shown, task);
}

/**
 * The entry with as many items of each form as the real one shows, none of them about a thing or word that the task names: where such a thing
 * is in another house says something of where it may be in this one. `undefined` for a principle of which nothing is left.
 */
function trimmed(other: BankEntry, real: BankEntry, task: Task): BankEntry | undefined {
  // A demonstration is shown whole or not at all.
  if (other.kind === 'demonstration') return other;
  const isForeign = (name: string): boolean => !namesClass(task.instruction, classOf(name));
  const { facts = [], order = [], procedures = [], instead = [] } = other.machine ?? {};
  const most = (form: keyof MachineForm): number => real.machine?.[form]?.length ?? 0;
  const foreign = {
    facts: facts.filter(({ subject }) => isForeign(subject)).slice(0, most('facts')),
    order: order.filter(({ find }) => isForeign(find)).slice(0, most('order')),
    procedures: procedures.filter(({ name }) => isForeign(name)).slice(0, most('procedures')),
    instead: instead.slice(0, most('instead')),
  };
  const machine: MachineForm = Object.fromEntries(Object.entries(foreign).filter(([, items]) => items.length > 0));
  const isEmpty = Object.keys(machine).length === 0;
  if (isEmpty && other.kind === 'principle') return undefined;
  return { ...other, machine: isEmpty ? undefined : machine };
}

/** How many forms the real entry shows and the other does not. */
function missing(real: MachineForm = {}, other: MachineForm = {}): number {
  return Object.keys(real).filter((form) => !(form in other)).length;
}
