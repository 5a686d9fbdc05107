import { SkillError } from '@skillrl/core';
import { parentPort, workerData } from 'node:worker_threads';
import { CompiledGames } from './compiled-games.ts';
import { GameSession } from './game-session.ts';
import type { SessionReply, SessionRequest } from './session-messages.ts';

// Plays games in a worker thread; session-host.ts is the other side.
const compiled = new CompiledGames((workerData as { readonly keep: number }).keep);
const sessions = new Map<number, { readonly begin: () => GameSession; current: GameSession }>();

// Requests are answered in the order they came, whatever a game takes to compile.
let queue: Promise<void> = Promise.resolve();
parentPort?.on('message', (request: SessionRequest) => {
  queue = queue.then(async () => parentPort?.postMessage(await reply(request)));
});

async function reply(request: SessionRequest): Promise<SessionReply> {
  const { number } = request;
  try {
    return { number, step: await answer(request) };
  } catch (error) {
    const { code, hint } = error instanceof SkillError ? error : { code: 'ENVIRONMENT_FAILED', hint: undefined };
    return { number, error: { code, message: error instanceof Error ? error.message : String(error), hint } };
  }
}

async function answer(request: SessionRequest): Promise<SessionReply['step']> {
  if (request.kind === 'start') {
    const game = await compiled.get(request.id, request.file);
    const begin = () => new GameSession(game, request.maxSteps);
    const current = begin();
    sessions.set(request.session, { begin, current });
    return current.first;
  }
  const session = sessions.get(request.session);
  switch (request.kind) {
    case 'step':
      return session?.current.step(request.action);
    case 'replay':
      if (session !== undefined) {
        session.current = session.begin();
        for (const action of request.actions) session.current.step(action);
      }
      return undefined;
    case 'close':
      sessions.delete(request.session);
      return undefined;
    default:
      return request satisfies never;
  }
}
