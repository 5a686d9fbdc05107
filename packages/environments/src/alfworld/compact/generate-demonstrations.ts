import { createRandom, seedOf, shuffle } from '../expert/random.ts';
import { makeDemonstration } from './demonstrations.ts';
import type { Demonstration, SuccessTable } from './demonstrations.ts';
import { createMixture } from './demonstration-mixture.ts';
import { generatedGames, officialGames } from './demonstration-games.ts';
import { drawGuidance } from './draw-guidance.ts';
import type { DemonstrationForm } from './draw-guidance.ts';

export interface GenerateOptions {
  readonly seed: number;
  /** How many demonstrations to make. */
  readonly count: number;
  /** Share of demonstrations from official training games; the rest are from generated houses. Default 0.6, and 0 without a folder. */
  readonly officialShare?: number;
  /** Folder of the packed official games; absent to use generated houses only. */
  readonly officialFolder?: string;
  readonly success?: SuccessTable;
  /** Forms that may occur. Default all; `['none']` for a policy that never saw an entry. */
  readonly forms?: readonly DemonstrationForm[];
  /** Demonstrations of one game before the next is loaded. Default 7. */
  readonly perGame?: number;
  /** Longest demonstration, in words. Default 820, which stays below 1,024 tokens. */
  readonly maxWords?: number;
}

/** Demonstrations one by one. Equal options give equal demonstrations. */
export function* generateDemonstrations(options: GenerateOptions): Generator<Demonstration> {
  const { seed, count, officialFolder, perGame = 7, maxWords = 820 } = options;
  const officialShare = officialFolder === undefined ? 0 : (options.officialShare ?? 0.6);
  const random = createRandom(seedOf('demonstrations', seed));
  const official = officialFolder === undefined ? undefined : officialGames(officialFolder, random);
  const generated = generatedGames(String(seed), random);
  const mixture = createMixture(options.forms);
  let made = 0;
  while (made < count) {
    const source = official && random() < officialShare ? official : generated;
    const { game, related } = source.next().value!;
    for (let turn = 0; turn < perGame && made < count; turn += 1) {
      // Among the three forms furthest behind, so that a game shows several.
      const neediest = shuffle(random, mixture.neediest().slice(0, 3));
      // Refusing appliances are rare: where one matters, the warning of it is shown often.
      const isRefused =
        turn < 3 && game.rules?.refusal?.process === game.kind && (options.forms?.includes('avoid') ?? true);
      for (const form of isRefused ? (['avoid', ...neediest] as const) : neediest) {
        const guided = drawGuidance(form, game, related, random);
        const demonstration = guided && makeDemonstration(guided, random, { success: options.success });
        if (!demonstration) continue;
        const words = wordsOf(demonstration);
        if (words > maxWords) continue;
        mixture.add(form, words);
        made += 1;
        yield { ...demonstration, id: `${demonstration.id}#${seed}.${made}` };
        break;
      }
    }
  }
}

/** Words and line ends: about the number of tokens. */
export function wordsOf(demonstration: Demonstration): number {
  const text = demonstration.segments.map(([part]) => part).join('');
  return text.split(/[ \n]+/).length + text.split('\n').length;
}
