import { EnvironmentError } from '@skillrl/core';

/** A `game.tw-pddl` file: everything needed to play one game. */
export interface GameFile {
  readonly pddl_domain: string;
  /** Text grammar in the `.twl2` format; holds the goal sentence. */
  readonly grammar: string;
  readonly pddl_problem: string;
  readonly solvable?: boolean;
  readonly walkthrough?: readonly string[];
}

/** The error of a game file that cannot be interpreted. */
export function invalidGame(message: string): EnvironmentError {
  return new EnvironmentError({
    code: 'GAME_INVALID',
    message,
    hint: 'Compare the file with an official game.tw-pddl; docs/guides/alfworld.md lists the PDDL and grammar constructs that are understood.',
  });
}
