import { parseConfidence } from './parse-confidence.ts';

/** Order of the parts: t reasoning up to `</think>`, a `<answer>`, b `<analysis>` of what may be wrong, c `<confidence>`. */
export type AnswerFormat = 'ta' | 'tac' | 'tbac' | 'tabc';

export interface StatedAnswer {
  readonly formatOk: boolean;
  /** What is broken, in one sentence; absent when `formatOk`. */
  readonly reason?: string;
  /** Inside of the last pair of tags, trimmed; read where it is there, however broken the format. */
  readonly answer?: string;
  readonly analysis?: string;
  readonly confidenceText?: string;
  /** Strictly read from `confidenceText`; for an evaluation, read that leniently with `parseConfidence`. */
  readonly confidence?: number;
}

/**
 * Reads answer, analysis and confidence from a completion, and whether it keeps the format: reasoning, `</think>`, then the tags of the format
 * in their order with nothing but space between and after them, and a confidence that reads strictly.
 *
 * Takes time linear in the completion, whatever it holds.
 *
 * @param format - default `tabc`.
 *
 * Source: patterns ta, tac, tbac, tabc of the official code of RLCR (arXiv:2507.16806); the last pair of tags counts, as there. Deviation: a pair is the
 * last closing tag and the nearest opening one before it, so that a tag merely mentioned in the reasoning spoils nothing.
 */
export function parseStatedAnswer(completion: string, format: AnswerFormat = 'tabc'): StatedAnswer {
  const answer = lastInside(completion, 'answer');
  const analysis = lastInside(completion, 'analysis');
  const confidenceText = format.includes('c') ? lastInside(completion, 'confidence') : undefined;
  const confidence = confidenceText === undefined ? undefined : parseConfidence(confidenceText);
  const reason = faultOf(completion, format) ?? confidenceFault(format, confidenceText, confidence);
  return {
    formatOk: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    ...(answer === undefined ? {} : { answer }),
    ...(analysis === undefined ? {} : { analysis }),
    ...(confidenceText === undefined ? {} : { confidenceText }),
    ...(confidence === undefined ? {} : { confidence }),
  };
}

type Tag = 'answer' | 'analysis' | 'confidence';

const tagsOf: Readonly<Record<AnswerFormat, readonly Tag[]>> = {
  ta: ['answer'],
  tac: ['answer', 'confidence'],
  tbac: ['analysis', 'answer', 'confidence'],
  tabc: ['answer', 'analysis', 'confidence'],
};

/** Follows the format from seam to seam (`</think><answer>`, `</answer><analysis>`, …), each as early as it can be, and looks that it ends the text. */
function faultOf(completion: string, format: AnswerFormat): string | undefined {
  let position = 0;
  let before = 'think';
  for (const tag of tagsOf[format]) {
    const seam = new RegExp(String.raw`</${before}>\s*<${tag}>`, 'g');
    seam.lastIndex = position;
    const found = seam.exec(completion);
    if (found === null)
      return `There is no </${before}> followed by <${tag}>${position === 0 ? '' : ' after what came before'}.`;
    position = seam.lastIndex;
    before = tag;
  }
  const end = `</${before}>`;
  return completion.trimEnd().endsWith(end) ? undefined : `The completion does not end with ${end}.`;
}

function confidenceFault(
  format: AnswerFormat,
  text: string | undefined,
  value: number | undefined,
): string | undefined {
  if (!format.includes('c') || value !== undefined) return undefined;
  return `The confidence '${(text ?? '').slice(0, 40)}' is not a decimal number in [0, 1].`;
}

function lastInside(completion: string, tag: Tag): string | undefined {
  const close = completion.lastIndexOf(`</${tag}>`);
  if (close < 0) return undefined;
  const open = `<${tag}>`;
  const start = completion.lastIndexOf(open, close);
  return start < 0 ? undefined : completion.slice(start + open.length, close).trim();
}
