import { InputError, servedStatuses, type BankEntry } from '@skillrl/core';
import { entryProse, type Memory } from '@skillrl/memory';

/**
 * An entry that may reach a prompt, which is where a client puts it. What is quarantined or retired is not given, and whether it is there is not
 * told.
 *
 * @throws {InputError} `ENTRY_UNKNOWN`
 */
export async function servedEntry(memory: Memory, id: string): Promise<BankEntry> {
  const entry = await memory.entry(id);
  if (entry !== undefined && servedStatuses.includes(entry.status)) return entry;
  throw new InputError({
    code: 'ENTRY_UNKNOWN',
    message: `There is no skill '${id}'.`,
    hint: 'search_skills gives ids.',
  });
}

export function skillMarkdown(entry: BankEntry): string {
  return `# ${entry.title}\n\n${entryProse(entry)}\n\n(${entry.kind}, ${entry.status}, id ${entry.id}, version ${entry.version})`;
}
