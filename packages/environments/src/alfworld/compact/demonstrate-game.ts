import type { AlfworldGame } from '../alfworld-game.ts';
import { createRandom } from '../expert/random.ts';
import type { SearchStyle } from '../expert/search.ts';
import { makeDemonstration, type SegmentKind } from './demonstrations.ts';
import { wordsOf } from './generate-demonstrations.ts';
import { playableOfficialGame } from './official-game.ts';
import type { PlayableGame } from './playable-game.ts';

/** Plays games as an expert, for a policy to imitate. */
export interface GameExpert {
  /**
   * One play as text, in pieces: what the policy reads (`context`), what it should write (`action`), what the expert did wrongly on purpose
   * (`noise`), and the line `sure N` (`confidence`).
   *
   * @param options.search - whether it knows where things usually are.
   * @returns `undefined` when this play was not won, or is too long for the policy's context. Equal arguments give equal plays.
   */
  demonstrate(
    game: AlfworldGame,
    options: { readonly search: SearchStyle['search']; readonly seed: number },
  ): Promise<readonly (readonly [text: string, kind: SegmentKind])[] | undefined>;
}

/** Below the policy's 1,024 tokens, as when it was made. */
const mostWords = 820;

/** An expert without entries, who knows only what the game tells it; compiled games are kept. */
export function gameExpert(): GameExpert {
  const compiled = new Map<string, PlayableGame>();
  return {
    async demonstrate({ id, file }, { search, seed }) {
      const game = compiled.get(id) ?? playableOfficialGame(id, typeof file === 'function' ? await file() : file);
      compiled.set(id, game);
      const guided = { game, form: 'none', variant: 'none', guidance: [] } as const;
      const demonstration = makeDemonstration(guided, createRandom(seed), { search });
      if (demonstration === undefined || wordsOf(demonstration) > mostWords) return undefined;
      return demonstration.segments;
    },
  };
}
