import { existsSync, readFileSync } from 'node:fs';

import { type Checkpoint, checkpointSchema, type ModelServer, parse } from '@skillrl/core';
import type { PolicyRegistry } from '@skillrl/drivers';
import { z } from 'zod';

import { replaceFile } from './durable-file.ts';
import { noteLive } from './publish-policy.ts';

/**
 * The server, with every version that goes live taken into the registry first, so that whoever looks there finds it and can go back to it. Versions
 * that only answer for a while, as each of a training run does, are left out. A process may die between the two: whoever asks what is live next,
 * or makes the version live once more, has the registry know.
 *
 * @param lastPublished - file that remembers what was published last: a process that died before it went live goes on from there.
 */
export function registeringServer(server: ModelServer, registry: PolicyRegistry, lastPublished: string): ModelServer {
  return {
    ...server,
    async publish(checkpoint) {
      const served = await server.publish(checkpoint);
      replaceFile(lastPublished, `${JSON.stringify(checkpoint)}\n`);
      return served;
    },
    async goLive(version) {
      const checkpoint = readCheckpoint(lastPublished);
      if (checkpoint?.version === version) await registry.add(checkpoint);
      await server.goLive(version);
      await noteLive({ registry, server });
    },
    async live() {
      await noteLive({ registry, server });
      return server.live();
    },
  };
}

function readCheckpoint(file: string): Checkpoint | undefined {
  if (!existsSync(file)) return undefined;
  const written = JSON.parse(readFileSync(file, 'utf8')) as unknown;
  const { path } = parse(z.object({ path: z.string() }), written, `checkpoint ${file}`);
  return { ...parse(checkpointSchema, written, `checkpoint ${file}`), path };
}
