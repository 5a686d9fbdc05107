import { z } from 'zod';

/** What the routes answer, as far as it is used; other fields are let pass. */

export const sessionReply = z.object({ session_id: z.string().min(1) });
export const futureReply = z.object({ request_id: z.string().min(1) });
export const createReply = futureReply.extend({ model_id: z.string().min(1) });
export const anyReply = z.looseObject({});

export const infoReply = z.object({
  model_id: z.string(),
  session_id: z.string(),
  base_model: z.string(),
  is_lora: z.boolean(),
  lora_rank: z.int().positive().nullable(),
  lora_alpha: z.number().positive().nullable(),
  base_sha256: z.string(),
  vocabulary: z.int().positive(),
  context: z.int().positive(),
  trainable_parameters: z.int().positive(),
  seq_id: z.int().nonnegative(),
  step: z.int().nonnegative(),
});
export type InfoReply = z.infer<typeof infoReply>;

const numbers = z.object({ data: z.array(z.number()) });
export const passReply = z.object({
  loss_fn_outputs: z.array(z.object({ logprobs: numbers, elementwise_loss: numbers })),
});
export type PassReply = z.infer<typeof passReply>;

export const stepReply = z.object({
  step: z.int().positive().optional(),
  /** SkyRL puts its name before the keys. */
  metrics: z
    .record(z.string(), z.unknown())
    .transform((metrics) => metrics['grad_norm'] ?? metrics['skyrl.ai/grad_norm'])
    .pipe(z.number().nonnegative()),
});
export const saveReply = z.object({ path: z.string().min(1), sha256: z.string().optional() });
export const loadReply = z.object({ step: z.int().nonnegative().optional() });
export const samplerReply = z.object({ sampling_session_id: z.string().min(1) });
export const sampleReply = z.object({
  sequences: z.array(
    z
      .object({
        tokens: z.array(z.int().nonnegative()).min(1),
        logprobs: z.array(z.number().max(0)),
        stop_reason: z.enum(['stop', 'length']),
      })
      .refine(({ tokens, logprobs }) => tokens.length === logprobs.length, 'not one log-probability a token'),
  ),
});
/** Of our service: what the archive's files are, by their path in the checkpoint. */
export const weightsReply = z.object({
  files: z.record(z.string(), z.object({ bytes: z.int().nonnegative(), sha256: z.string() })),
});

/** Our service says `error`, FastAPI by itself `detail`. */
export const refusalReply = z.union([
  z.object({ error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }) }),
  z.object({ detail: z.unknown() }).transform(({ detail }) => ({
    error: {
      code: undefined,
      message: typeof detail === 'string' ? detail : JSON.stringify(detail),
      hint: undefined,
    },
  })),
]);
