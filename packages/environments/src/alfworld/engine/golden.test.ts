import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeWith, requirement } from '@skillrl/testing';
import { expect, it } from 'vitest';
import { compileGame, playGame, type GameFile } from './index.ts';

/** Traces recorded from the real engine. The reset has no command, and neither score nor done. */
interface Golden {
  readonly game: string;
  readonly traces: readonly {
    readonly kind: string;
    readonly steps: readonly {
      readonly cmd?: string;
      readonly obs: string;
      readonly admissible: readonly string[];
      readonly score?: 0 | 1;
      readonly done?: boolean;
    }[];
  }[];
}

describeWith(requirement('data', { part: 'alfworld' }), 'traces of the real engine', (data) => {
  for (const name of readdirSync(join(data, 'golden'))) {
    it(`plays ${name.replace('.json', '')} exactly as recorded`, () => {
      const golden = JSON.parse(readFileSync(join(data, 'golden', name), 'utf8')) as Golden;
      const game = compileGame(JSON.parse(readFileSync(join(data, 'json_2.1.1', golden.game), 'utf8')) as GameFile);
      for (const trace of golden.traces) {
        const play = playGame(game);
        for (const { cmd, obs, admissible, score = 0, done = false } of trace.steps) {
          const turn = cmd === undefined ? play.reset() : play.step(cmd);
          expect({ cmd, ...turn }).toEqual({ cmd, observation: obs, admissible, score, done });
        }
      }
    });
  }
});
