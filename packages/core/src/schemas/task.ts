import { z } from 'zod';

import type { Purpose, Task } from '../task.ts';
import { idText, listedText } from './shared.ts';

export const taskSchema: z.ZodType<Task> = z.object({
  id: idText,
  environment: idText,
  instruction: z.string(),
  family: listedText.optional(),
  type: z.string().optional(),
  split: z.string().optional(),
  domainKind: z.enum(['convergent', 'divergent']),
  maxSteps: z.number().int().positive().optional(),
});

export const purposeSchema: z.ZodType<Purpose> = z.enum(['train', 'admit', 'gate', 'test']);
