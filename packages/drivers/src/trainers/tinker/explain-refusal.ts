import { TrainerError } from '@skillrl/core';

import { refusalReply } from './replies.ts';

/** A refusal as an error of ours: the server's own code, or one made of status and route where it has none. */
export function explainRefusal(route: string, status: number, text: string): TrainerError {
  const parsed = refusalReply.safeParse(json(text));
  const said = parsed.success ? parsed.data.error : undefined;
  const code = said?.code ?? codeOf(route, status);
  const message = said?.message ?? `It answered ${status}: ${text.slice(0, 200)}`;
  return new TrainerError({
    code,
    message: `The trainer refused ${route}: ${message}`,
    hint: said?.hint ?? hints[code],
    retryable: status === 429 || status === 503 || code === 'DISK_FULL',
  });
}

/** Whether the trainer stands elsewhere than we believe: it restarted, or somebody else used the model. */
export function hasLostTrack({ code }: TrainerError): boolean {
  return ['SEQUENCE_GAP', 'SEQUENCE_REUSED', 'SEQUENCE_FORGOTTEN', 'MODEL_UNKNOWN', 'SESSION_UNKNOWN'].includes(code);
}

const hints: Readonly<Record<string, string>> = {
  TOKEN_WRONG:
    'Give the token that the trainer was started with, in the variable SKILLRL_TRAINER_TOKEN; of our own it stands in .skillrl/trainer.json.',
  MODEL_UNKNOWN: 'Load the last save: the model is then made anew.',
  ROUTE_UNKNOWN: 'Is this the address of a trainer, up to and with /api/v1?',
};

function codeOf(route: string, status: number): string {
  if (status === 401 || status === 403) return 'TOKEN_WRONG';
  if (status === 404 || status === 410) {
    if (route === '/retrieve_future') return 'FUTURE_UNKNOWN';
    const isOfCheckpoint = route === '/load_weights' || route === '/weights_info' || route.includes('/checkpoints/');
    if (isOfCheckpoint) return 'CHECKPOINT_UNKNOWN';
    if (route === '/create_session' || route === '/healthz') return 'ROUTE_UNKNOWN';
    return 'MODEL_UNKNOWN';
  }
  if (status === 409) return route.startsWith('/save_weights') ? 'CHECKPOINT_EXISTS' : 'SEQUENCE_REUSED';
  if (status === 413) return 'BATCH_TOO_LARGE';
  if (status === 429) return 'QUEUE_FULL';
  return status < 500 ? 'TRAINER_REFUSED' : 'TRAINER_FAILED';
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
