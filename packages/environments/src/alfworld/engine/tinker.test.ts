import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileGame, playGame, type GameFile, type Turn } from './index.ts';

/**
 * A game of our own, written to touch what official games do not: subtypes, constants, `imply`, `forall`, conditional effects, deletions of
 * what can never hold, negated quantifiers, explicit negatives in the text, quotes and cut-off texts, commands that end with a blank.
 */
const { file, traces } = JSON.parse(readFileSync(new URL('fixtures/tinker.json', import.meta.url), 'utf8')) as {
  readonly file: GameFile;
  readonly traces: readonly (readonly (Turn & { readonly command: string | null })[])[];
};

describe('a game with a domain and grammar of our own', () => {
  it.each(traces.map((trace, number) => [number, trace] as const))(
    'plays as in the real engine, trace %i',
    (_, trace) => {
      const play = playGame(compileGame(file));
      for (const { command, ...turn } of trace) {
        const ours = command === null ? play.reset() : play.step(command);
        expect({ command, ...ours }).toEqual({ command, ...turn });
      }
    },
  );
});
