import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@skillrl/testing';

import type { GameFile, Turn } from '../src/alfworld/engine/index.ts';

/** One play of a game by the real engine. */
export interface RealPlay {
  /** The reset, and one turn a command. */
  readonly turns: readonly Turn[];
  /** The planner's commands from the reset, where they were asked for. */
  readonly plan?: readonly string[];
}

/** ALFWorld's own engine, in a Python process. */
export interface RealEngine {
  /** @throws {Error} when the engine cannot play the game, or its process has ended. */
  play(game: GameFile, commands: readonly string[], options?: { readonly plan?: boolean }): Promise<RealPlay>;
  close(): Promise<void>;
}

/** @param python - of an environment with this folder's requirements.txt. */
export function startRealEngine(python: string): RealEngine {
  const script = fileURLToPath(new URL('./engine.py', import.meta.url));
  // Importing alfworld makes its data folder, by default one in the home folder.
  const env = { ...process.env, ALFWORLD_DATA: temporaryFolder() };
  const engine = spawn(python, [script], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => engine.once('close', () => resolve()));
  let lastWords = '';
  engine.stderr.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-4_000)));
  engine.stdin.on('error', () => undefined); // A process that ended is reported by the missing answer.
  const answers = createInterface({ input: engine.stdout })[Symbol.asyncIterator]();

  return {
    async play(game, commands, { plan = false } = {}) {
      const { pddl_domain, grammar, pddl_problem } = game;
      engine.stdin.write(`${JSON.stringify({ game: { pddl_domain, grammar, pddl_problem }, commands, plan })}\n`);
      const line = await answers.next();
      if (line.done) throw new Error(`The real engine has ended: ${lastWords}`);
      const answer = JSON.parse(line.value) as RealPlay & { readonly error?: string };
      if (answer.error) throw new Error(`The real engine cannot play the game: ${answer.error}`);
      return answer;
    },
    async close() {
      engine.stdin.end();
      await ended;
    },
  };
}
