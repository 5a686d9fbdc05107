import type { TimeStep } from '@skillrl/core';
import type { GameFile } from './engine/index.ts';
import type { NextStep } from './game-session.ts';

/** What a worker thread is asked; answers carry the number of the question. */
export type SessionRequest =
  | {
      readonly number: number;
      readonly kind: 'start';
      readonly session: number;
      readonly id: string;
      readonly file: GameFile;
      readonly maxSteps: number;
    }
  | { readonly number: number; readonly kind: 'step'; readonly session: number; readonly action: string }
  /** Back to the beginning, and the actions once more: a game is a function of its actions. */
  | { readonly number: number; readonly kind: 'replay'; readonly session: number; readonly actions: readonly string[] }
  | { readonly number: number; readonly kind: 'close'; readonly session: number };

export interface SessionReply {
  readonly number: number;
  readonly step?: Extract<TimeStep, { type: 'first' }> | NextStep;
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}
