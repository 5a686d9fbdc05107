/** `strict` for training, `lenient` for evaluating policies that were not trained to the format. */
export type ConfidenceReading = 'strict' | 'lenient';

/**
 * Reads a stated confidence.
 *
 * - `strict`: one decimal number in [0, 1] and nothing else, such as `0.85` or `1e-3`. `95`, `95%`, `about 0.8`, `nan` are refused, so that training has one
 *   scale only.
 * - `lenient`: the first number of the text; a number in (1, 100] or before a `%` is divided by 100, `9/10` is a quotient.
 *
 * @returns in [0, 1]; `undefined` when there is no such number.
 *
 * Source: the two parsers of the official code of RLCR (arXiv:2507.16806). Deviations: non-finite numbers, signs and Python's `0_9` are refused;
 * leniently, `%` and quotients are understood, exponents too, and what cannot be read is `undefined` instead of 0.
 */
export function parseConfidence(text: string, reading: ConfidenceReading = 'strict'): number | undefined {
  return reading === 'strict' ? strictly(text.trim()) : leniently(text);
}

const decimal = String.raw`(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`;
const wholeText = new RegExp(`^${decimal}$`);
const firstNumber = new RegExp(String.raw`([-−]?)(${decimal})(?:\s*(%|/)\s*(${decimal})?)?`);

function strictly(text: string): number | undefined {
  return wholeText.test(text) ? probability(Number(text)) : undefined;
}

function leniently(text: string): number | undefined {
  const [, sign, digits, mark, divisor] = firstNumber.exec(text) ?? [];
  if (digits === undefined || sign !== '') return undefined;
  const value = Number(digits);
  if (mark === '%') return probability(value / 100);
  if (mark === '/' && divisor !== undefined) return probability(value / Number(divisor));
  return probability(value > 1 && value <= 100 ? value / 100 : value);
}

function probability(value: number): number | undefined {
  return value >= 0 && value <= 1 ? value : undefined;
}
