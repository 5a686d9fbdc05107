import { parentPort, workerData } from 'node:worker_threads';

import { chatModel } from '@skillrl/drivers';

import { evaluate, type EvaluationRow } from '../../packages/environments/src/alfworld/compact/evaluation-guidance.ts';
import { createGameLibrary } from '../../packages/environments/src/alfworld/compact/game-library.ts';
import type { Split } from '../../packages/environments/src/alfworld/load/index.ts';
import { createPlaySession } from '../../packages/environments/src/alfworld/compact/play-session.ts';
import {
  actionCue,
  parseConfidence,
  renderAction,
} from '../../packages/environments/src/alfworld/compact/transcript.ts';
import { keyedSeed } from '../../packages/rollouts/src/seed.ts';

export interface PlayOrder {
  readonly row: EvaluationRow;
  readonly game: string;
  readonly play: number;
}

export interface PlayedRow extends PlayOrder {
  readonly version: string;
  /** The row does not apply to the game. */
  readonly skipped?: boolean;
  readonly kind: string;
  readonly won: boolean;
  readonly steps: number;
  readonly confidence?: string;
}

const {
  model: spec,
  data,
  split,
  temperature,
  confidence: prescribed,
} = workerData as { model: string; data: string; split: Split; temperature: number; confidence?: string };
const model = chatModel(spec);
const library = createGameLibrary(data);
parentPort?.on('message', (order: PlayOrder) => void play(order).then((result) => parentPort?.postMessage(result)));
parentPort?.postMessage({ games: library.official(split), version: model.id });

async function play({ row, game, play: number }: PlayOrder): Promise<PlayedRow> {
  const spec = { source: 'official', id: game } as const;
  const evaluated = evaluate(row, library.load(spec), keyedSeed(['guidance', game, number]), library.earlier(spec));
  if (evaluated === undefined)
    return { row, game, play: number, version: model.id, skipped: true, kind: '', won: false, steps: 0 };
  const session = createPlaySession(evaluated.game, evaluated.guidance);
  const cacheKey = `${row} ${game} ${number}`;
  const ask = async (prompt: string, index: number, maxTokens: number): Promise<string> =>
    (
      await model.chat({
        prompt,
        maxTokens,
        temperature,
        stop: ['\n'],
        seed: keyedSeed(['play', game, number, index]),
        cacheKey,
      })
    ).text;
  const confidence = prescribed ?? (await ask(session.head, -1, 4));
  // What is no such line is left out, as the compact policy does.
  const stated = parseConfidence(confidence) === undefined ? '' : `${confidence}\n`;
  let prompt = `${session.head}${stated}${actionCue}`;
  while (!session.done) {
    const action = (await ask(prompt, session.actions.length, 24)).trim();
    const { text, restart } = session.step(action);
    prompt = restart ? text : `${prompt}${renderAction(action)}${text}`;
  }
  model.release?.(cacheKey);
  return {
    row,
    game,
    play: number,
    version: model.id,
    kind: evaluated.game.kind,
    won: session.won,
    steps: session.actions.length,
    confidence,
  };
}
