import { InputError, SkillError, type BankEntry, type BankView, type Task } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';
import {
  BaseStore,
  type GetOperation,
  type Item,
  type ListNamespacesOperation,
  type Operation,
  type OperationResults,
  type PutOperation,
  type SearchOperation,
} from '@langchain/langgraph';

import { entryItem, itemEntry, jsonOf } from './item-entry.ts';
import { checkNamespace, itemId, namespaceId, namespaceOf } from './labels.ts';
import { searchEntries, type FoundItem } from './search-entries.ts';
import { getSkill, isSkills, searchSkills, skillsNamespace } from './skill-items.ts';
import { storeBankPrefix } from '../reserved-namespaces.ts';
import { valueText } from './value-text.ts';

/** How often a write is repeated when another process wrote in between. */
const mostTries = 50;

/**
 * LangGraph's store over the memory's bank: items are kept as entries of a bank of their own, durably, every version of them. Values are kept
 * as JSON. What an app stores is never recalled into a prompt: it is read by `get` and `search`, and found by the memory's retrieval with
 * `query`, which ranks and leaves nothing out, as in LangGraph's own store. Under `['skillrl', 'skills']` stands what the memory learned, to read.
 *
 * @throws from its methods {StoreError} when the bank cannot be read or written; {InputError} `NAMESPACE_INVALID`, `NAMESPACE_TOO_LONG`,
 * `VALUE_INVALID`, `STORE_READ_ONLY`.
 */
export class SkillStore extends BaseStore {
  static lc_name(): string {
    return 'SkillStore';
  }

  readonly #memory: Memory;
  readonly #items: Memory;
  #last: Promise<unknown> = Promise.resolve();

  constructor(memory: Memory) {
    super();
    this.#memory = memory;
    this.#items = memory.inNamespace(`${storeBankPrefix}${memory.namespace}`);
  }

  /** Reads see what was there before the batch; its writes are one commit, the last one for a key counts. */
  override async batch<Operations extends readonly Operation[]>(
    operations: Operations,
  ): Promise<OperationResults<Operations>> {
    for (const operation of operations) check(operation);
    const puts = operations.filter(isPut);
    if (puts.length === operations.length) {
      await this.#write(puts);
      return operations.map(() => null) as unknown as OperationResults<Operations>;
    }
    // What was written before this batch is seen by it.
    await this.#last;
    const view = await this.#items.bank.view();
    const results: unknown[] = [];
    for (const operation of operations) results.push(await this.#read(operation, view));
    await this.#write(puts);
    return results as OperationResults<Operations>;
  }

  async #read(operation: Operation, view: BankView): Promise<unknown> {
    if (isPut(operation)) return null;
    if ('key' in operation) return this.#get(operation, view);
    if ('namespacePrefix' in operation) return this.#search(operation, view);
    return listNamespaces(operation, view);
  }

  async #get({ namespace, key }: GetOperation, view: BankView): Promise<Item | null> {
    if (isSkills(namespace)) return getSkill(await this.#memory.bank.view(), namespace, key);
    const entry = await view.get(itemId(namespace, key));
    return entry === undefined ? null : entryItem(entry);
  }

  async #search(operation: SearchOperation, view: BankView): Promise<FoundItem[]> {
    const { namespacePrefix, limit = 10, offset = 0, query, filter } = operation;
    const options = { query, filter, limit, offset };
    if (isSkills(namespacePrefix)) {
      return searchSkills(this.#memory, await this.#memory.bank.view(), namespacePrefix, options);
    }
    const idPrefix = namespaceId(namespacePrefix);
    const task = idPrefix === '' ? undefined : within(idPrefix);
    return searchEntries({ ...options, memory: this.#items, view, entries: { idPrefix }, task, itemOf });
  }

  /** One write at a time; each builds on what the one before left. */
  async #write(puts: readonly PutOperation[]): Promise<void> {
    if (puts.length === 0) return;
    const written = this.#last.then(() => this.#commit(puts));
    this.#last = written.catch(() => {});
    await written;
  }

  async #commit(puts: readonly PutOperation[]): Promise<void> {
    const { bank, namespace } = this.#items;
    const byId = new Map(puts.map((put) => [itemId(put.namespace, put.key), put]));
    const values = new Map([...byId].map(([id, { value, key }]) => [id, value === null ? null : jsonOf(value, key)]));
    for (let tried = 1; ; tried += 1) {
      const view = await bank.view();
      const before = await view.getMany([...byId.keys()]);
      const updatedAt = Date.now();
      const put = [...byId].flatMap(([id, { namespace: labels, key, value, index }]) => {
        const json = values.get(id);
        if (json === undefined || json === null) return [];
        const { createdAt = updatedAt, version = 0 } = before.get(id) ?? {};
        // Text is read from what is kept, so that it is found as it is given back.
        const text = index === false || value === null ? '' : valueText(JSON.parse(json), index ?? undefined);
        return [
          itemEntry(namespace, { namespace: labels, key, json, text, createdAt, updatedAt, version: version + 1 }),
        ];
      });
      const remove = [...values].flatMap(([id, json]) => (json === null ? [id] : []));
      try {
        await bank.commit({ reason: 'items of a store', put, remove, expectedRevision: view.revision });
        return;
      } catch (error) {
        const isConflict = error instanceof SkillError && error.code === 'REVISION_CONFLICT';
        if (!isConflict || tried >= mostTries) throw error;
      }
    }
  }
}

function isPut(operation: Operation): operation is PutOperation {
  return 'value' in operation;
}

function check(operation: Operation): void {
  if ('namespacePrefix' in operation) checkNamespace(operation.namespacePrefix, { mayBeEmpty: true });
  else if ('namespace' in operation) checkNamespace(operation.namespace);
  if (!isPut(operation)) return;
  if (!isSkills(operation.namespace)) return;
  throw new InputError({
    code: 'STORE_READ_ONLY',
    message: `Nothing can be stored under '${skillsNamespace[0]}': what the memory learned stands there, to read.`,
    hint: 'Choose another root for the namespace.',
  });
}

/** An entry's conditions are the namespaces that it lies in: a task of one of them meets them. */
function within(prefix: string): Task {
  return { id: prefix, instruction: '', environment: 'langgraph', domainKind: 'convergent', family: prefix };
}

function itemOf(entry: BankEntry): Item | undefined {
  return entry.metadata?.['item'] === undefined ? undefined : entryItem(entry);
}

async function listNamespaces(
  { matchConditions = [], maxDepth, limit, offset }: ListNamespacesOperation,
  view: BankView,
): Promise<string[][]> {
  const prefix = matchConditions.find(({ matchType }) => matchType === 'prefix')?.path ?? [];
  const any = prefix.indexOf('*');
  const idPrefix = namespaceId(any === -1 ? prefix : prefix.slice(0, any));
  const own = isSkills(prefix) ? [[...skillsNamespace]] : (await view.clusters({ idPrefix })).map(namespaceOf);
  const matching = own.filter((labels) =>
    matchConditions.every(({ matchType, path }) => matches(labels, matchType, path)),
  );
  const cut = new Map(matching.map((labels) => labels.slice(0, maxDepth)).map((labels) => [labels.join(':'), labels]));
  const sorted = [...cut].toSorted(([a], [b]) => a.localeCompare(b)).map(([, labels]) => labels);
  // A batch made by hand may leave both out, whatever its type says.
  return sorted.slice(offset, ((offset as number | undefined) ?? 0) + (limit ?? Infinity));
}

function matches(labels: readonly string[], type: 'prefix' | 'suffix', path: readonly string[]): boolean {
  if (path.length > labels.length) return false;
  const first = type === 'prefix' ? 0 : labels.length - path.length;
  return path.every((label, at) => label === '*' || label === labels[first + at]);
}
