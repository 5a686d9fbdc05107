/** A receptacle as an observation shows it. */
export interface ReceptacleView {
  readonly receptacle: string;
  readonly state: 'open' | 'closed' | 'surface';
  /** Objects in the order printed; empty for a closed receptacle. */
  readonly objects: readonly string[];
}

/** Names of a printed list: `a mug 2, a mug 1, and a pen 1` → `['mug 2', 'mug 1', 'pen 1']`; `nothing` → `[]`. */
export function parseList(text: string): string[] {
  const list = text.trim().replace(/\.$/, '');
  if (list === 'nothing' || list === '') return [];
  return list.split(/,\s+(?:and\s+)?/).map((item) => item.replace(/^(?:and )?an? /, '').trim());
}

/** Receptacles that the first observation (or a `look` from the middle of the room) lists, in the order printed. */
export function parseRoom(text: string): string[] {
  const match = /Looking quickly around you, you see ([^\n]*)/.exec(text);
  return match ? parseList(match[1]!) : [];
}

/** The goal sentence of a first observation, without the words before it; `undefined` when there is none. */
export function parseTaskSentence(text: string): string | undefined {
  return /Your task is to: ([^\n]*)/.exec(text)?.[1]?.trim();
}

/** The receptacle that an observation shows, if it shows one. Reads all data versions. */
export function parseReceptacle(text: string): ReceptacleView | undefined {
  let match = /On the ([^,.]+), you see ([^\n]*)/.exec(text);
  if (match) return { receptacle: match[1]!, state: 'surface', objects: parseList(match[2]!) };
  match = /The ([^,.]+) is open\. In it, you see ([^\n]*)/.exec(text);
  if (match) return { receptacle: match[1]!, state: 'open', objects: parseList(match[2]!) };
  match = /The ([^,.]+) is closed\./.exec(text);
  return match ? { receptacle: match[1]!, state: 'closed', objects: [] } : undefined;
}

/** A command, read: `heat mug 1 with microwave 1` → verb `heat`, object `mug 1`, receptacle `microwave 1`. */
export interface Command {
  readonly verb: string;
  readonly object?: string;
  readonly receptacle?: string;
}

/** Reads any command of the language, in both styles of putting (`move … to`, `put … in/on`); `undefined` for other text. */
export function parseCommand(text: string): Command | undefined {
  const command = text.trim().toLowerCase();
  let match = /^go to (.+)$/.exec(command);
  if (match) return { verb: 'go', receptacle: match[1]! };
  match = /^(open|close) (.+)$/.exec(command);
  if (match) return { verb: match[1]!, receptacle: match[2]! };
  match = /^take (.+) from (.+)$/.exec(command);
  if (match) return { verb: 'take', object: match[1]!, receptacle: match[2]! };
  match = /^(?:move (.+) to|put (.+) (?:in\/on|in|on)) (.+)$/.exec(command);
  if (match) return { verb: 'put', object: (match[1] ?? match[2])!, receptacle: match[3]! };
  match = /^(\w+) (?:(.+) )?with (.+)$/.exec(command);
  if (match) return { verb: match[1]!, object: match[2], receptacle: match[3]! };
  match = /^(use|examine) (.+)$/.exec(command);
  if (match) return { verb: match[1]!, object: match[2]! };
  return /^(look|inventory|help)$/.test(command) ? { verb: command } : undefined;
}
