import { TrainerError } from '@skillrl/core';

import { anyReply, sessionReply } from './replies.ts';
import type { Wire } from './wire.ts';

/** The sessions that our models belong to. */
export interface TinkerSessions {
  /** The session of this process; made when it is first asked for, and again when it ended. */
  own(): Promise<string>;
  /** It ended; `own` makes another. */
  forget(sessionId: string): void;
  /** Gives signs of life for a session of before this process too. */
  keep(sessionId: string): void;
  end(): void;
}

/** Servers end sessions that give no sign of life, and unload their models; the timer is one of its own, and keeps no process alive. */
export function tinkerSessions(wire: Wire, heartbeatMs: number): TinkerSessions {
  const kept = new Set<string>();
  let own: Promise<string> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function beat(): void {
    for (const sessionId of kept) {
      const body = { session_id: sessionId };
      // What it means that one fails is said by the next call.
      wire.post('/session_heartbeat', body, anyReply, { repeatable: false }).catch((error: unknown) => {
        if (error instanceof TrainerError && error.code === 'SESSION_UNKNOWN') forget(sessionId);
      });
    }
  }

  function forget(sessionId: string): void {
    kept.delete(sessionId);
    own = undefined;
  }

  function keep(sessionId: string): void {
    kept.add(sessionId);
    timer ??= setInterval(beat, heartbeatMs).unref();
  }

  async function begin(): Promise<string> {
    const body = { tags: ['skillrl'], user_metadata: null, sdk_version: '0.0.0' };
    const { session_id: sessionId } = await wire.post('/create_session', body, sessionReply, { repeatable: true });
    keep(sessionId);
    return sessionId;
  }

  return {
    keep,
    forget,
    own() {
      own ??= begin().catch((error: unknown) => {
        own = undefined;
        throw error;
      });
      return own;
    },
    end: () => clearInterval(timer),
  };
}
