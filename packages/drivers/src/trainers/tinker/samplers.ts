import { TrainerError, type SampledSequence, type SampleOptions } from '@skillrl/core';

import { serverAddress } from '../../http/server-address.ts';
import { removeCheckpoint } from './checkpoint-route.ts';
import { tinkerDialects } from './dialect.ts';
import { weightsReply } from './replies.ts';
import { sampleAt } from './sampling.ts';
import { tinkerWire, type Wire } from './wire.ts';

/** Where a trainer answers. */
export interface TrainerAddress {
  /** Up to and with `/api/v1`. */
  readonly url: string;
  /** Sent as a bearer token, and to nobody else. */
  readonly token?: string;
}

export interface SamplersOptions {
  /** Asked at every call: a trainer that was started anew may be elsewhere. */
  readonly address: () => TrainerAddress;
  /** How long a trainer that does not answer, or is busy, is asked again, in milliseconds. */
  readonly reconnectMs: number;
  /** How long one reply may take, in milliseconds. */
  readonly resultMs: number;
}

/**
 * The checkpoints that a trainer keeps to sample from, each by its path; needs no session and no model, and changes none.
 *
 * Every call throws a `TrainerError`, `CHECKPOINT_UNKNOWN` for what the trainer does not keep.
 */
export interface Samplers {
  sample(path: string, prompt: readonly number[], options: SampleOptions): Promise<SampledSequence>;
  /** SHA-256 of a checkpoint's files in hex, by their path in what is exported of it. */
  files(path: string): Promise<Readonly<Record<string, string>>>;
  /** Nothing happens when it is not there. */
  remove(path: string): Promise<void>;
}

/** At a server of the dialect `skillrl`: it keeps every version as it was. */
export function tinkerSamplers({ address, reconnectMs, resultMs }: SamplersOptions): Samplers {
  const wire = (): Wire => {
    const { url: given, token } = address();
    const { url, authorization } = serverAddress(given, 'TRAINER_URL_INVALID', token);
    const { pollSeconds } = tinkerDialects.skillrl;
    const waits = { reconnectMs, resultMs, backoffMs: 100, longestWaitMs: 5_000 };
    return tinkerWire({ url, authorization, ...waits, pollSeconds });
  };
  return {
    async sample(path, prompt, options) {
      const [sequence] = await sampleAt(wire(), { model_path: path }, prompt, options);
      if (sequence !== undefined) return sequence;
      throw new TrainerError({ code: 'REPLY_INVALID', message: 'The trainer sampled no sequence.' });
    },
    async files(path) {
      const { files } = await wire().post('/weights_info', { tinker_path: path }, weightsReply, { repeatable: true });
      return exportedHashes(files);
    },
    remove: async (path) => removeCheckpoint(wire(), path),
  };
}

/** SHA-256 by path of those files of a checkpoint that are exported. */
export function exportedHashes(files: Readonly<Record<string, { readonly sha256: string }>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).flatMap(([file, { sha256 }]) =>
      file.startsWith('export/') ? [[file.slice('export/'.length), sha256] as const] : [],
    ),
  );
}
