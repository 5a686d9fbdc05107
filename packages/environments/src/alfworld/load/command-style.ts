import type { GameFile } from '../engine/index.ts';

/**
 * How putting is written. `put`: `put mug 1 in/on desk 1`, as in release 2.1.1 and in papers up to 2024, without `help`, and arrival names a
 * location (`You arrive at loc 12.`). `move`: `move mug 1 to desk 1`, as in releases 2.1.2 and 2.1.3.
 */
export type CommandStyle = 'put' | 'move';

/**
 * The game with its texts in one style; a file that has it already is returned as it is.
 *
 * Source: alfworld, scripts/patch_tw-pddl.py, which turns 2.1.1 into 2.1.2; `put` is its inverse.
 */
export function withCommandStyle(file: GameFile, style: CommandStyle): GameFile {
  if (commandStyleOf(file.grammar) === style) return file;
  let { grammar, pddl_domain: domain } = file;
  for (const [put, move] of wordings)
    grammar = style === 'move' ? grammar.replaceAll(put, move) : grammar.replaceAll(move, put);
  if (style === 'move') {
    grammar += helpGrammar;
    const end = domain.lastIndexOf(')');
    domain = `${domain.slice(0, end)}${helpAction}${domain.slice(end)}`;
  } else {
    grammar = withoutBlock(grammar, /\n*^action help\b/m, '{', '}');
    domain = withoutBlock(domain, /^[ \t]*\(:action help\b/m, '(', ')');
  }
  return {
    ...file,
    grammar,
    pddl_domain: domain,
    ...(file.walkthrough && { walkthrough: restyled(file.walkthrough, style) }),
  };
}

/** The style a grammar is written in; undefined when it is neither. */
export function commandStyleOf(grammar: string): CommandStyle | undefined {
  if (grammar.includes('"put {o} in/on {r}"')) return 'put';
  return grammar.includes('"move {o} to {r}"') ? 'move' : undefined;
}

const wordings = [
  ['You arrive at {lend.name}.', 'You arrive at {r.name}.'],
  ['"put {o} in/on {r}"', '"move {o} to {r}"'],
  ['You put the {o.name} in/on the {r.name}.', 'You move the {o.name} to the {r.name}.'],
] as const;

const helpAction = `(:action help
    :parameters (?a - agent)
    :precondition
        ()
    :effect
        (and
            (checked ?a)
        )
)
`;

const helpGrammar = `

action help {
    template :: "help";
    feedback :: "
Available commands:
  look:                             look around your current location
  inventory:                        check your current inventory
  go to (receptacle):               move to a receptacle
  open (receptacle):                open a receptacle
  close (receptacle):               close a receptacle
  take (object) from (receptacle):  take an object from a receptacle
  move (object) to (receptacle):  place an object in or on a receptacle
  examine (something):              examine a receptacle or an object
  use (object):                     use an object
  heat (object) with (receptacle):  heat an object using a receptacle
  clean (object) with (receptacle): clean an object using a receptacle
  cool (object) with (receptacle):  cool an object using a receptacle
  slice (object) with (object):     slice an object using a sharp object
";
}
`;

function restyled(commands: readonly string[], style: CommandStyle): string[] {
  return commands.map((command) =>
    style === 'move'
      ? command.replace(/^put (.+) in\/on (.+)$/, 'move $1 to $2')
      : command.replace(/^move (.+) to (.+)$/, 'put $1 in/on $2'),
  );
}

/** The text without the block that starts at `head` and ends with its bracket; brackets in quoted strings do not count. */
function withoutBlock(text: string, head: RegExp, open: string, close: string): string {
  const start = text.search(head);
  if (start < 0) return text;
  const first = text.indexOf(open, start);
  let depth = 0;
  let quoted = false;
  for (let position = first; position < text.length; position += 1) {
    const sign = text[position];
    if (sign === '"') quoted = !quoted;
    if (quoted) continue;
    if (sign === open) depth += 1;
    if (sign === close) depth -= 1;
    if (depth === 0) return text.slice(0, start) + text.slice(position + 1);
  }
  return text;
}
