import { join } from 'node:path';

import { ModelServerError, type ModelServer } from '@skillrl/core';

import { llamaCpp } from '../models/llama-cpp.ts';
import { checkCheckpoint, ggufFile, refuseName } from './checkpoint-files.ts';
import { recordOf, VersionFolder } from './version-folder.ts';

export interface LlamaCppServerOptions {
  /** Where the versions are kept; made by the first publication. */
  readonly folder: string;
  /** What the canary is asked to continue. Default `task`. */
  readonly canary?: string;
}

/**
 * Serves versions to models in this and other processes (node-llama-cpp): a folder of GGUF files, one a version, and the name of the live
 * one in a file that is replaced in one step. `policy:live@FOLDER` follows that name from one request to the next.
 */
export function llamaCppServer({ folder: path, canary = 'task' }: LlamaCppServerOptions): ModelServer {
  const folder = new VersionFolder(path);
  const id = 'llama-cpp';

  return {
    id,
    capabilities: { tokens: true },
    liveModel: `policy:live@${folder.path}`,
    publish: (checkpoint) =>
      folder.change(`publish ${checkpoint.version} in ${folder.path}`, async () => {
        refuseName(checkpoint.version);
        const known = await folder.known(checkpoint, id);
        if (known !== undefined) return folder.served(known);
        const hashes = await checkCheckpoint(checkpoint, [ggufFile], await folder.liveRecord());
        const record = await folder.add(recordOf(checkpoint), checkpoint.path, hashes, (part) =>
          askCanary(join(part, ggufFile), canary, checkpoint.version),
        );
        return folder.served(record);
      }),
    goLive: (version) =>
      folder.change(`make ${version} live in ${folder.path}`, async () => {
        await folder.recordToFollow(version, id);
        await folder.setLive(version);
      }),
    live: () => folder.servedLive(),
    versions: () => folder.servedVersions(),
    remove: (version) =>
      folder.change(`remove ${version} from ${folder.path}`, async () => {
        refuseName(version);
        await folder.remove(version);
      }),
    close: async () => {},
  };
}

/** Loads the file and asks for one token. */
async function askCanary(modelPath: string, prompt: string, version: string): Promise<void> {
  try {
    await using model = await llamaCpp({ modelPath, contextSize: 64, sequences: 1 }).then((opened) => ({
      chat: opened.chat.bind(opened),
      [Symbol.asyncDispose]: async () => opened.close?.(),
    }));
    await model.chat({ prompt, temperature: 0, maxTokens: 1 });
  } catch (cause) {
    throw new ModelServerError({
      code: 'CANARY_FAILED',
      message: `The version ${version} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Its weights may be damaged: export it again. What was live is live.',
      cause,
    });
  }
}
