import { SkillError } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';

import { documentEntry, documentId, entryDocument, type KeptDocument } from './document-entry.ts';

/** How often a write is repeated when another process wrote in between. */
const mostTries = 50;

/** The documents of one collection: kept in a bank of their own, and in this process as they were last seen there. */
export class DocumentBank {
  readonly memory: Memory;
  readonly #known = new Map<string, KeptDocument>();
  #revision = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** Documents by the ids of their entries, as the bank has them now. */
  async now(): Promise<ReadonlyMap<string, KeptDocument>> {
    await this.#inTurn(() => this.#catchUp());
    return this.#known;
  }

  /** Adds documents, or replaces them under their ids, all or none. Of equal ids the last counts. */
  async put(documents: readonly KeptDocument[]): Promise<void> {
    const byId = new Map(documents.map((kept) => [documentId(kept.document.id), kept]));
    const { bank, namespace } = this.memory;
    await this.#commit(async () => {
      const view = await bank.view();
      const before = await view.getMany([...byId.keys()]);
      const put = [...byId].map(([id, kept]) => documentEntry(namespace, kept, before.get(id)));
      return { put, expectedRevision: view.revision };
    });
  }

  /** Removes documents; ids that are not there are ignored. */
  async remove(entryIds: readonly string[]): Promise<void> {
    await this.#commit(async () => ({ remove: entryIds }));
  }

  async #commit(change: () => Promise<Omit<Parameters<Memory['bank']['commit']>[0], 'reason'>>): Promise<void> {
    await this.#inTurn(async () => {
      for (let tried = 1; ; tried += 1) {
        try {
          await this.memory.bank.commit({ reason: 'documents of a vector store', ...(await change()) });
          return;
        } catch (error) {
          const isConflict = error instanceof SkillError && error.code === 'REVISION_CONFLICT';
          if (!isConflict || tried >= mostTries) throw error;
        }
      }
    });
  }

  async #catchUp(): Promise<void> {
    for await (const { revision, id, entry } of this.memory.bank.changesAfter(this.#revision)) {
      if (entry === undefined) this.#known.delete(id);
      else this.#known.set(id, entryDocument(entry));
      this.#revision = revision;
    }
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}
