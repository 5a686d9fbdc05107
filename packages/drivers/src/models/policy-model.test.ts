import { join } from 'node:path';

import { temporaryFolder, writeTinyCheckpoint } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { llamaCppServer } from '../servers/llama-cpp-server.ts';
import { chatModel } from './chat-model.ts';

describe('policy:', () => {
  it('is named by the version that answers, and by its weights', async () => {
    const folder = join(temporaryFolder(), 'served');
    const server = llamaCppServer({ folder });
    for (const seed of [1, 2])
      await server.publish(writeTinyCheckpoint(join(temporaryFolder(), 'c'), { version: `v${seed}`, seed }));
    await server.goLive('v1');
    const live = chatModel('policy:live', { policyFolder: folder });
    expect(live.id).toMatch(/^policy:v1@[0-9a-f]{12}$/);
    expect(live.id).toBe(chatModel(`policy:v1@${folder}`).id);
    await server.goLive('v2');
    await live.chat({ prompt: ' go', maxTokens: 1, cacheKey: 'a' });
    expect(live.id).toBe(chatModel(`policy:v2@${folder}`).id);
    live.release?.('a');
    await live.close?.();
    await expect(live.chat({ prompt: ' go' })).rejects.toMatchObject({ code: 'MODEL_CLOSED' });
  });

  it('says at once that there is no such version', () => {
    const folder = temporaryFolder();
    for (const spec of [`policy:live@${folder}`, `policy:v7@${folder}`])
      expect(() => chatModel(spec)).toThrow(
        expect.objectContaining({
          code: 'POLICY_UNKNOWN',
          hint: expect.stringContaining('skillrl policy') as string,
        }) as Error,
      );
  });
});
