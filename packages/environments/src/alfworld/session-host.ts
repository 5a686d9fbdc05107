import { EnvironmentError, type EnvironmentSession, type TimeStep } from '@skillrl/core';
import { Worker } from 'node:worker_threads';
import type { AlfworldGame } from './alfworld-game.ts';
import type { NextStep } from './game-session.ts';
import type { SessionReply, SessionRequest } from './session-messages.ts';

/** Sessions whose games run in worker threads. */
export interface SessionHost {
  start(game: AlfworldGame, maxSteps: number): Promise<EnvironmentSession>;
  close(): Promise<void>;
}

/**
 * Starts worker threads when the first session asks for one; a session stays in its thread. Worth it when many games are played at once by
 * policies that leave this thread little time; a single game is faster without.
 */
export function sessionHost(threads: number, keep: number): SessionHost {
  let hosts: Thread[] = [];
  let session = 0;
  return {
    async start(game, maxSteps) {
      hosts = hosts.filter(({ hasEnded }) => !hasEnded);
      const idle = hosts.find((each) => each.sessions === 0);
      if (idle === undefined && hosts.length < threads) hosts.push(new Thread(keep));
      const thread = hosts.reduce((least, each) => (each.sessions < least.sessions ? each : least));
      return openSession(thread, (session += 1), game, maxSteps);
    },
    close: async () => {
      await Promise.all(hosts.splice(0).map((each) => each.close()));
    },
  };
}

async function openSession(
  thread: Thread,
  session: number,
  game: AlfworldGame,
  maxSteps: number,
): Promise<EnvironmentSession> {
  let actions: string[] = [];
  let open = true;
  const end = () => {
    if (open) thread.sessions -= 1;
    open = false;
  };
  const start = async () => {
    const { pddl_domain, grammar, pddl_problem } = typeof game.file === 'function' ? await game.file() : game.file;
    const file = { pddl_domain, grammar, pddl_problem };
    return thread.ask({ kind: 'start', session, id: game.id, file, maxSteps });
  };
  thread.sessions += 1;
  const first = await start().catch((error: unknown) => {
    end();
    throw error;
  });
  return {
    first: first as Extract<TimeStep, { type: 'first' }>,
    async step(action, { signal } = {}) {
      signal?.throwIfAborted();
      const step = await thread.ask({ kind: 'step', session, action });
      actions.push(action);
      return step as NextStep;
    },
    snapshot: () => [...actions],
    restore(snapshot) {
      actions = [...(snapshot as readonly string[])];
      // Messages keep their order, so the next step follows it. If it fails, so does that step.
      thread.ask({ kind: 'replay', session, actions: [...actions] }).catch(() => {});
    },
    async close() {
      if (open && !thread.hasEnded) await thread.ask({ kind: 'close', session });
      end();
    },
  };
}

/** A request without its number. */
type Question = SessionRequest extends infer Request
  ? Request extends SessionRequest
    ? Omit<Request, 'number'>
    : never
  : never;

class Thread {
  sessions = 0;
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { resolve: (step: SessionReply['step']) => void; reject: (error: Error) => void }
  >();
  #asked = 0;
  #ended: Error | undefined;

  constructor(keep: number) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./session-worker.${extension}`, import.meta.url), { workerData: { keep } });
    this.#worker.unref();
    this.#worker.on('message', (reply: SessionReply) => this.#settle(reply));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(undefined));
  }

  ask(question: Question): Promise<SessionReply['step']> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const number = (this.#asked += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      // A thread that owes an answer keeps the process alive.
      this.#worker.ref();
      this.#worker.postMessage({ number, ...question });
    });
  }

  /** Whether it is gone: closed, or dead. */
  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle({ number, step, error }: SessionReply): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (error === undefined) waiting?.resolve(step);
    else waiting?.reject(new EnvironmentError(error));
  }

  #end(cause: unknown): void {
    this.#ended ??= new EnvironmentError({
      code: 'WORKER_ENDED',
      message: 'The worker thread that played the game has ended.',
      hint: 'Start the session again.',
      retryable: true,
      cause,
    });
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
