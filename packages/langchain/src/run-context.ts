import type { Task } from '@skillrl/core';
import { z } from 'zod';

import type { SkillMemoryContext } from './core.ts';
import { isObject } from './messages.ts';

/** What an invocation may say under the key `skillMemory`, in an agent's context or in a run's metadata. */
export const runContext = z.object({
  skillMemory: z
    .object({
      task: z.union([z.string(), z.custom<Partial<Task> & { instruction: string }>(isObject)]).optional(),
      namespace: z.string().min(1).optional(),
      episodeId: z.string().min(1).optional(),
      purpose: z.enum(['train', 'admit', 'gate', 'test']).optional(),
      tags: z.record(z.string(), z.string()).optional(),
      enabled: z.boolean().optional(),
    })
    .optional(),
});

/** What the metadata of a run says to the memory. @throws a ZodError for what is of another shape: it is not guessed. */
export function contextInMetadata(metadata: unknown): SkillMemoryContext {
  return runContext.parse(isObject(metadata) ? { skillMemory: metadata['skillMemory'] } : {}).skillMemory ?? {};
}
