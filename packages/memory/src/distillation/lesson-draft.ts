import { z } from 'zod';

/** A lesson as a model proposes it. Its claims can be held against the episode: each rests on steps that it quotes. */
export interface LessonDraft {
  readonly title: string;
  readonly pointOfFailure: string;
  readonly flawedDecision: string;
  readonly correction: string;
  readonly principle: string;
  readonly appliesWhen: string;
  /** The steps the lesson rests on, by the index that the transcript shows, each with the action taken there, verbatim. */
  readonly citations: readonly { readonly step: number; readonly action: string }[];
  /** Every thing of the episode that the lesson names, as the episode names it. */
  readonly objects: readonly string[];
  /** What to do in place of a cited action. */
  readonly instead?: { readonly avoid: string; readonly do: string };
}

const prose = z.string().trim().min(1).max(1_500);

export const lessonDraftSchema = z.object({
  title: z.string().trim().min(1).max(200).describe('three to ten words'),
  pointOfFailure: prose.describe(
    'where and how the attempt went wrong, naming the step as "step N" and quoting in backticks',
  ),
  flawedDecision: prose.describe('the decision that led there, quoted in backticks'),
  correction: prose.describe('what should have been done instead'),
  principle: prose.describe('the general rule, without names of single things'),
  appliesWhen: prose.describe('by which signs the same situation is recognised'),
  citations: z
    .array(z.object({ step: z.number().int().nonnegative(), action: z.string().min(1).max(4_000) }))
    .min(1)
    .max(12)
    .describe('each step the lesson rests on: its number and its action, word for word'),
  objects: z
    .array(z.string().trim().min(1).max(200))
    .max(30)
    .describe('every thing of the episode that the lesson names, word for word as in the episode'),
  instead: z
    .object({ avoid: z.string().min(1).max(500), do: z.string().min(1).max(500) })
    .optional()
    .describe('optional: a cited action, word for word, and the action to take in its place'),
});
