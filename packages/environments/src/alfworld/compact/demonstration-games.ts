import { generateGame, generateHouse } from '../houses/index.ts';
import { pick } from '../expert/random.ts';
import type { Random } from '../expert/random.ts';
import type { RelatedGames } from './draw-guidance.ts';
import { playableGeneratedGame } from './generated-game.ts';
import type { EarlierGame } from './make-guidance.ts';
import { earlierGame, type OfficialFile, readOfficialFiles } from './official-files.ts';
import { playableOfficialGame } from './official-game.ts';
import { goalOf } from './playable-game.ts';
import type { PlayableGame } from './playable-game.ts';

/** A game to demonstrate, and where earlier successes for its prompts come from. */
export interface DemonstrationGame {
  readonly game: PlayableGame;
  readonly related: RelatedGames;
}

/** The official training games in an order of their own, without end; kinds that are hard to learn come more often. */
export function* officialGames(folder: string, random: Random): Generator<DemonstrationGame> {
  const files = readOfficialFiles(folder, 'train');
  const byGoal = Map.groupBy(files, ({ goalKey }) => goalKey);
  for (;;) {
    const { id, file, goalKey } = pick(random, files);
    const repeats = id.includes('/look_at_obj') && random() < 0.6 ? 2 : 1;
    const sameGoal = (byGoal.get(goalKey) ?? []).filter((other) => other.id !== id);
    const related = { sameHouse: [], sameGoal: some(random, sameGoal), any: some(random, files) };
    const game = playableOfficialGame(id, file);
    for (let repeat = 0; repeat < repeats; repeat += 1) yield { game, related };
  }
}

function some(random: Random, files: readonly OfficialFile[]): EarlierGame[] {
  if (files.length === 0) return [];
  return Array.from({ length: 4 }, () => earlierGame(pick(random, files)));
}

/** Games of generated houses of the policy panel, without end, `gamesPerHouse` from each. */
export function* generatedGames(seed: string, random: Random, gamesPerHouse = 6): Generator<DemonstrationGame> {
  const earlier: { readonly key: string; readonly game: EarlierGame }[] = [];
  for (let attempt = 0; ; attempt += 1) {
    const house = generateHouse(`policy/${seed}/${attempt}`);
    if (house.panel !== 'policy') continue;
    const start = Math.floor(random() * 100);
    const games = Array.from({ length: gamesPerHouse }, (_, index) =>
      playableGeneratedGame(generateGame(house, start + index), house),
    );
    for (const game of games) {
      const key = `${game.kind} ${goalOf(game).object}`;
      const sameHouse = games.filter((other) => other.id !== game.id);
      const sameGoal = earlier.filter((other) => other.key === key).map((other) => other.game);
      const any = earlier.length > 0 ? [pick(random, earlier).game] : [];
      yield { game, related: { sameHouse, sameGoal, any } };
    }
    for (const { instruction, walkthrough, ...game } of games) {
      earlier.push({
        key: `${game.kind} ${goalOf({ instruction, walkthrough, ...game }).object}`,
        game: { instruction, walkthrough },
      });
    }
    if (earlier.length > 600) earlier.splice(0, earlier.length - 600);
  }
}
