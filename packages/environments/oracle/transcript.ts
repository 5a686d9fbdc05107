import { compileGame, playGame, type GameFile, type Turn } from '../src/alfworld/engine/index.ts';
import { createExpert } from '../src/alfworld/expert/expert.ts';
import type { Refusal } from '../src/alfworld/houses/index.ts';
import { randomFor, type Random } from '../src/alfworld/houses/random.ts';

/** What our engine said to a list of commands. */
export interface Transcript {
  readonly commands: readonly string[];
  /** The reset, and one turn a command. */
  readonly turns: readonly Turn[];
}

/**
 * Plays a game in our engine: the script first, then random commands, some of them invalid.
 *
 * @param key - what the random commands depend on.
 */
export function playOut(game: GameFile, script: readonly string[], steps: number, key: string): Transcript {
  const random = randomFor(key);
  const play = playGame(compileGame(game));
  const turns = [play.reset()];
  const commands: string[] = [];
  for (let index = 0; index < script.length + steps; index += 1) {
    const command = script[index] ?? randomCommand(random, turns);
    commands.push(command);
    turns.push(play.step(command));
  }
  return { commands, turns };
}

/** What an expert does that knows only what it sees. */
export function expertCommands(game: GameFile, steps: number): string[] {
  const play = playGame(compileGame(game));
  let turn = play.reset();
  const expert = createExpert(turn.observation, { search: 'uninformed' });
  const commands: string[] = [];
  while (commands.length < steps && !turn.done) {
    const command = expert.next();
    commands.push(command);
    turn = play.step(command);
    expert.observe(command, turn.observation);
  }
  return commands;
}

/** The walkthrough of one who does not know the rule: every refusing appliance is tried before the one that works. */
export function withRefusals(walkthrough: readonly string[], refusal: Refusal | undefined): readonly string[] {
  const isRefused = (command: string): boolean =>
    refusal !== undefined && command.startsWith(`${refusal.process} `) && command.endsWith(` with ${refusal.works}`);
  if (!refusal || !walkthrough.some(isRefused)) return walkthrough;
  return walkthrough.flatMap((command) => {
    if (!isRefused(command)) return [command];
    const refused = refusal.refuses.flatMap((name) => [`go to ${name}`, command.replace(refusal.works, name)]);
    return [...refused, `go to ${refusal.works}`, command];
  });
}

function randomCommand(random: Random, turns: readonly Turn[]): string {
  const admissible = turns.at(-1)?.admissible ?? [];
  if (random.chance(0.2)) return invalidCommand(random, turns);
  // First the verb: going somewhere is most of what is admissible.
  const byVerb = [...Map.groupBy(admissible, (command) => command.split(' ')[0] ?? '').values()];
  return random.pick(random.pick(byVerb));
}

function invalidCommand(random: Random, turns: readonly Turn[]): string {
  const earlier = random.pick(random.pick(turns).admissible);
  const variants = [
    `  ${earlier} `,
    `\u001c${earlier}\u2003\n`,
    earlier.toUpperCase(),
    `${earlier} 1`,
    otherStyle(earlier),
  ];
  return random.pick([earlier, earlier, ...variants, random.pick(invalid), random.pick(invalid)]);
}

// Blanks that Python strips and JavaScript does not, and the other way round, are among them.
const invalid = [
  '',
  ' ',
  '\u0085look',
  '\ufefflook',
  'look\u0000',
  'LOOK',
  'dance',
  'go to moon 1',
  'go to',
  'open',
  'use',
  'help me',
];

/** The command as releases 2.1.1 and 2.1.2 write it for each other. */
function otherStyle(command: string): string {
  if (command.startsWith('put ')) return command.replace('put ', 'move ').replace(' in/on ', ' to ');
  return command.startsWith('move ') ? command.replace('move ', 'put ').replace(' to ', ' in/on ') : `${command}.`;
}
