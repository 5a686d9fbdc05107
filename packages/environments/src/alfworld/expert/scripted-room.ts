/** A tiny room for tests that answers in the words of the official grammar. */
export interface ScriptedRoom {
  readonly firstObservation: string;
  step(command: string): string;
  readonly holding: string | undefined;
  readonly contents: ReadonlyMap<string, readonly string[]>;
}

export interface RoomOptions {
  /** Receptacles and what is in them; those in `closed` begin closed. */
  readonly receptacles: Readonly<Record<string, readonly string[]>>;
  readonly closed?: readonly string[];
  /** Receptacles reached from the same place. */
  readonly together?: readonly string[];
  readonly goal: string;
  /** Commands that do nothing although they should. */
  readonly refused?: readonly string[];
}

export function scriptedRoom(options: RoomOptions): ScriptedRoom {
  const contents = new Map(Object.entries(options.receptacles).map(([name, objects]) => [name, [...objects]]));
  const closed = new Set(options.closed);
  const openable = new Set(options.closed);
  const place = (name: string): string => (options.together?.includes(name) ? 'shared' : name);
  let at: string | undefined;
  let holding: string | undefined;
  const list = (items: readonly string[]): string => {
    const named = items.map((item) => `a ${item}`);
    if (named.length < 2) return named[0] ?? 'nothing';
    return `${named.slice(0, -1).join(', ')}, and ${named.at(-1)}`;
  };
  const view = (name: string): string => {
    if (closed.has(name)) return `The ${name} is closed.`;
    const inside = list(contents.get(name)!);
    return openable.has(name) ? `The ${name} is open. In it, you see ${inside}.` : `On the ${name}, you see ${inside}.`;
  };
  const isHere = (name: string): boolean => contents.has(name) && at === place(name);

  function act(command: string): string | undefined {
    let match = /^go to (.+)$/.exec(command);
    if (match && contents.has(match[1]!) && !isHere(match[1]!)) {
      at = place(match[1]!);
      return `You arrive at ${match[1]}. ${view(match[1]!)}`;
    }
    match = /^examine (.+)$/.exec(command);
    if (match && isHere(match[1]!)) return view(match[1]!);
    match = /^open (.+)$/.exec(command);
    if (match && isHere(match[1]!) && closed.delete(match[1]!)) return `You open the ${match[1]}. ${view(match[1]!)}`;
    match = /^take (.+) from (.+)$/.exec(command);
    if (match && isHere(match[2]!) && !closed.has(match[2]!) && holding === undefined) {
      const inside = contents.get(match[2]!)!;
      if (!inside.includes(match[1]!)) return undefined;
      inside.splice(inside.indexOf(match[1]!), 1);
      holding = match[1]!;
      return `You pick up the ${match[1]} from the ${match[2]}.`;
    }
    match = /^move (.+) to (.+)$/.exec(command);
    if (match && isHere(match[2]!) && !closed.has(match[2]!) && holding === match[1]) {
      contents.get(match[2]!)!.push(match[1]!);
      holding = undefined;
      return `You move the ${match[1]} to the ${match[2]}.`;
    }
    match = /^(heat|cool|clean) (.+) with (.+)$/.exec(command);
    if (match && isHere(match[3]!) && holding === match[2])
      return `You ${match[1]} the ${match[2]} using the ${match[3]}.`;
    match = /^use (.+)$/.exec(command);
    if (match && [...contents].some(([name, inside]) => isHere(name) && inside.includes(match![1]!)))
      return `You turn on the ${match[1]}.`;
    return undefined;
  }

  return {
    firstObservation: `You are in the middle of a room. Looking quickly around you, you see ${list([...contents.keys()])}.\n\nYour task is to: ${options.goal}`,
    step: (command) => (options.refused?.includes(command) ? undefined : act(command)) ?? 'Nothing happens.',
    get holding() {
      return holding;
    },
    contents,
  };
}
