import type { BankEntry } from '@skillrl/core';
import { writeSkill } from '@skillrl/memory';

/** A skill as an agent reads it. */
export interface ServedSkill {
  /** The entry's. */
  readonly id: string;
  readonly name: string;
  /** Of its `SKILL.md`. */
  readonly text: string;
}

/** Most characters of a description in the prompt: with all that the format allows, four skills would be a budget. */
export const mostDescription = 300;

/**
 * The `SKILL.md` of an entry for reading. deepagents puts the description into its prompt by `String.replace`, which takes `$&` and its kin for
 * something else: a blank goes between.
 */
export function skillText(entry: BankEntry): string {
  const { text } = writeSkill(entry, { withEntry: false, mostDescription });
  const end = text.indexOf('\n---\n');
  return `${text.slice(0, end).replaceAll(/\$(?=[$&`'])/gu, '$ ')}${text.slice(end)}`;
}
