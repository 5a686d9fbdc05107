import type { BankEntry, MachineForm } from '@skillrl/core';

/** What a person or a chat model reads of an entry, in lines. */
export function entryProse(entry: BankEntry): string {
  return `${headProse(entry)}${machineLines(entry)
    .map((line) => `\n${line}`)
    .join('')}`;
}

/** The same without the machine form. */
export function headProse(entry: BankEntry): string {
  return [entry.title, ...bodyLines(entry)].join('\n');
}

/** What an entry is found by: what it is about and when it applies, without the details that would only make it look alike to others. */
export function entryKey(entry: BankEntry): string {
  const { machine } = entry;
  const names = [
    ...(machine?.order ?? []).map(({ find }) => find),
    ...(machine?.procedures ?? []).map(({ name }) => name),
    ...(machine?.facts ?? []).map(({ subject }) => subject.replace(/ \d+$/u, '')),
  ];
  return [entry.title, whenItApplies(entry), ...new Set(names)].join('\n');
}

function whenItApplies(entry: BankEntry): string {
  switch (entry.kind) {
    case 'demonstration':
      return entry.body.goal;
    case 'lesson':
      return `${entry.body.appliesWhen} ${entry.body.principle}`;
    case 'principle':
      return `${entry.body.appliesWhen} ${entry.body.principle}`;
    default:
      return entry satisfies never;
  }
}

function bodyLines(entry: BankEntry): string[] {
  switch (entry.kind) {
    case 'demonstration':
      return [
        `Goal: ${entry.body.goal}`,
        ...entry.body.steps.flatMap(({ observation, action, why }, index) => [
          ...(observation === undefined ? [] : [`   (${observation})`]),
          `${index + 1}. ${action}${why === undefined ? '' : ` — ${why}`}`,
        ]),
        `Result: ${entry.body.result}`,
      ];
    case 'lesson':
      // An imported lesson may lack a part.
      return present([
        ['What went wrong', entry.body.pointOfFailure],
        ['The decision', entry.body.flawedDecision],
        ['Better', entry.body.correction],
        ['Principle', entry.body.principle],
        ['When', entry.body.appliesWhen],
      ]);
    case 'principle':
      return present([
        ['Principle', entry.body.principle],
        ['When', entry.body.appliesWhen],
      ]);
    default:
      return entry satisfies never;
  }
}

function present(parts: readonly (readonly [name: string, text: string])[]): string[] {
  return parts.filter(([, text]) => text !== '').map(([name, text]) => `${name}: ${text}`);
}

/** The machine form in words, one line an item: `Seen: mug 1 in cabinet 3`. */
export function machineLines({ machine }: { readonly machine?: MachineForm }): string[] {
  return ofItems(machine, (_, line) => line());
}

/** What `read` makes of each item of a machine form and its line. */
export function ofItems<Made>(
  machine: MachineForm | undefined,
  read: (item: object, line: () => string) => Made,
): Made[] {
  const { procedures = [], instead = [], facts = [], order = [] } = machine ?? {};
  return [
    ...procedures.map((item) => read(item, () => `"${item.name}" means: ${item.means}`)),
    ...instead.map((item) => read(item, () => `Not: ${item.avoid}. Instead: ${item.do}`)),
    ...facts.map((item) => read(item, () => `Seen: ${item.subject} ${item.relation} ${item.object}`)),
    ...order.map((item) => read(item, () => `To find ${item.find}, look in: ${item.places.join(', ')}`)),
  ];
}
