import { servedStatuses, type BankEntry } from '@skillrl/core';
import { skillName, type Memory } from '@skillrl/memory';

import type { ServedSkill } from './skill-text.ts';

/**
 * Finds entries by the name of their skill. The names of a bank are listed when one is asked for that is not known yet; who asks meanwhile
 * waits for the same list.
 */
export class SkillNames {
  readonly #memory: Memory;
  #ids = new Map<string, string>();
  #listing: Promise<void> | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Names that are known without listing the bank. */
  add(skills: Iterable<ServedSkill>): void {
    for (const { id, name } of skills) this.#ids.set(name, id);
  }

  /** The entry, if it may reach a prompt. */
  async entry(name: string): Promise<BankEntry | undefined> {
    const known = await this.#known(name);
    if (known !== undefined) return known;
    await (this.#listing ??= this.#list().finally(() => (this.#listing = undefined)));
    return this.#known(name);
  }

  async #known(name: string): Promise<BankEntry | undefined> {
    const id = this.#ids.get(name);
    const entry = id === undefined ? undefined : await this.#memory.entry(id);
    // Its title may have changed since, and its status.
    return entry !== undefined && skillName(entry) === name && servedStatuses.includes(entry.status)
      ? entry
      : undefined;
  }

  async #list(): Promise<void> {
    const ids = new Map<string, string>();
    for await (const entry of this.#memory.list({ statuses: servedStatuses })) ids.set(skillName(entry), entry.id);
    this.#ids = ids;
  }
}
