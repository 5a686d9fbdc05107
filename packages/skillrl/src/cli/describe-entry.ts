import type { BankEntry } from '@skillrl/core';

/** An entry as lines for a person: title, body, machine form, where it came from. */
export function describeEntry(entry: BankEntry): string[] {
  return [`${entry.kind}: ${entry.title}`, ...bodyLines(entry), ...machineLines(entry), evidenceLine(entry)].map(
    (line, index) => (index === 0 ? line : `  ${line}`),
  );
}

function bodyLines(entry: BankEntry): string[] {
  switch (entry.kind) {
    case 'demonstration':
      return [
        `goal: ${entry.body.goal}`,
        ...entry.body.steps.map(
          ({ action, observation }) => `> ${action}${observation === undefined ? '' : `   ${oneLine(observation)}`}`,
        ),
        `result: ${entry.body.result}`,
      ];
    case 'lesson':
      return present([
        ['point of failure', entry.body.pointOfFailure],
        ['flawed decision', entry.body.flawedDecision],
        ['what should have been done', entry.body.correction],
        ['principle', entry.body.principle],
        ['applies when', entry.body.appliesWhen],
      ]);
    case 'principle':
      return present([
        ['principle', entry.body.principle],
        ['applies when', entry.body.appliesWhen],
      ]);
    default:
      return entry satisfies never;
  }
}

/** An imported entry may lack a part. */
function present(parts: readonly (readonly [name: string, text: string])[]): string[] {
  return parts.filter(([, text]) => text !== '').map(([name, text]) => `${name}: ${text}`);
}

function machineLines({ machine = {} }: BankEntry): string[] {
  const { facts = [], order = [], instead = [], procedures = [] } = machine;
  return [
    ...facts.slice(0, 6).map(({ subject, relation, object }) => `fact: ${subject} ${relation} ${object}`),
    ...(facts.length > 6 ? [`… and ${facts.length - 6} more facts`] : []),
    ...order.map(({ find, places }) => `find ${find}: ${places.join(', ')}`),
    ...procedures.map(({ name, means }) => `${name}: ${means}`),
    ...instead.map((pair) => `avoid ${pair.avoid}: ${pair.do}`),
  ];
}

function evidenceLine({ evidence, status, version }: BankEntry): string {
  const tasks = new Set(evidence.map(({ taskId }) => taskId));
  if (evidence.length === 0) return `from no episode; ${status}, version ${version}`;
  return `from ${evidence.length} episode${evidence.length === 1 ? '' : 's'} (${[...tasks].slice(0, 2).join(', ')}${tasks.size > 2 ? ', …' : ''}); ${status}, version ${version}`;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 100 ? `${line.slice(0, 97)}…` : line;
}
