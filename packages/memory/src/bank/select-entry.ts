import type { BankEntry, EntryStatus, MachineForm } from '@skillrl/core';

export type EntryForm = keyof MachineForm;

/** A part of a bank: all conditions that are present must hold. */
export interface BankSelection {
  readonly kinds?: readonly BankEntry['kind'][];
  /** Only entries that have one of these machine forms, stripped to them. */
  readonly forms?: readonly EntryForm[];
  /** Default: the statuses that may reach a prompt. */
  readonly statuses?: readonly EntryStatus[];
}

/** The parts of a bank that a benchmark compares. */
export const armSelections = {
  skills: {},
  'demonstrations-only': { kinds: ['demonstration'] },
  'lessons-only': { kinds: ['lesson'] },
  'facts-only': { kinds: ['principle'], forms: ['facts'] },
} as const satisfies Record<string, BankSelection>;

/** The entry as the selection shows it; `undefined` when it is not selected. */
export function selectEntry(entry: BankEntry, { kinds, forms, statuses }: BankSelection): BankEntry | undefined {
  if (kinds !== undefined && !kinds.includes(entry.kind)) return undefined;
  if (statuses !== undefined && !statuses.includes(entry.status)) return undefined;
  if (forms === undefined) return entry;
  const machine: MachineForm = Object.fromEntries(
    Object.entries(entry.machine ?? {}).filter(
      ([form, items]) => forms.includes(form as EntryForm) && items.length > 0,
    ),
  );
  return Object.keys(machine).length === 0 ? undefined : { ...entry, machine };
}
