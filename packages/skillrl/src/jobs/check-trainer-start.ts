import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

import { InputError, ModelError } from '@skillrl/core';

import type { TrainerOptions } from './trainer-process.ts';

/**
 * Listens where the trainer would, for a moment; on a free port where none is named.
 *
 * @throws {InputError} `OPTION_INVALID` for a number that is no port; `PORT_UNUSABLE` where it cannot listen: something else does, mostly.
 */
export async function refuseBusyPort({
  host = '127.0.0.1',
  port,
}: Pick<TrainerOptions, 'host' | 'port'>): Promise<void> {
  if (port !== undefined && port > 65_535)
    throw new InputError({
      code: 'OPTION_INVALID',
      message: `--port cannot be '${port}'.`,
      hint: 'It is a whole number, 1 to 65535.',
    });
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen({ host, port: port ?? 0 }, resolve);
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const isBusy = code === 'EADDRINUSE';
    throw new InputError({
      code: 'PORT_UNUSABLE',
      message: isBusy ? `Port ${port} of ${host} is in use.` : `The trainer cannot listen on ${host}: ${message}.`,
      hint: isBusy
        ? 'Name another one, or leave --port out for a free one.'
        : 'Give --host an address of this machine, and --port a number from 1024 on.',
      cause,
    });
  } finally {
    server.close();
  }
}

/** @throws {ModelError} `CUDA_MISSING` where PyTorch cannot compute on a GPU, with its reason. */
export async function requireCuda(python: string, signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)(python, ['-c', 'import torch; torch.zeros(1, device="cuda")'], { signal });
  } catch (cause) {
    signal.throwIfAborted();
    const { stderr = '' } = cause as { readonly stderr?: string };
    throw new ModelError({
      code: 'CUDA_MISSING',
      message: `PyTorch cannot compute on a GPU here: ${stderr.trim().split('\n').at(-1) ?? ''}`,
      hint: 'Leave --device out to train on the processor; docs/guides/gpu.md tells which PyTorch has CUDA.',
      cause,
    });
  }
}
