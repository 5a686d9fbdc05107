import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseStatedAnswer, type AnswerFormat } from './parse-stated-answer.ts';

const wellFormed: Readonly<Record<AnswerFormat, string>> = {
  ta: 'I add.</think><answer>42</answer>',
  tac: 'I add.</think>\n<answer>42</answer>\n<confidence>0.8</confidence>\n',
  tbac: '<think>I add.</think> <analysis>A slip?</analysis> <answer>42</answer> <confidence>0.8</confidence>',
  tabc: '</think><answer> 42 </answer>\n\n<analysis>A\nslip?</analysis><confidence> 0.8 </confidence>  \n',
};
const formats = Object.keys(wellFormed) as AnswerFormat[];

/** The official patterns, whose backtracking takes too long on long texts but says what is meant. */
const official: Readonly<Record<AnswerFormat, RegExp>> = {
  ta: /^[^]*?<\/think>\s*<answer>[^]*?<\/answer>\s*$/,
  tac: /^[^]*?<\/think>\s*<answer>[^]*?<\/answer>\s*<confidence>[^]*?<\/confidence>\s*$/,
  tbac: /^[^]*?<\/think>\s*<analysis>[^]*?<\/analysis>\s*<answer>[^]*?<\/answer>\s*<confidence>[^]*?<\/confidence>\s*$/,
  tabc: /^[^]*?<\/think>\s*<answer>[^]*?<\/answer>\s*<analysis>[^]*?<\/analysis>\s*<confidence>[^]*?<\/confidence>\s*$/,
};

describe('parseStatedAnswer', () => {
  it.each(formats)('reads the format %s, and tells it from the others', (format) => {
    const read = parseStatedAnswer(wellFormed[format], format);
    expect(read).toMatchObject({ formatOk: true, answer: '42' });
    expect(read.reason).toBeUndefined();
    expect(read.confidence).toBe(format === 'ta' ? undefined : 0.8);
    for (const other of formats) expect(parseStatedAnswer(wellFormed[other], format).formatOk).toBe(other === format);
  });

  it('reads the analysis, over several lines', () => {
    expect(parseStatedAnswer(wellFormed.tabc).analysis).toBe('A\nslip?');
  });

  it('takes the last pair of tags', () => {
    const twice =
      '</think><answer>1</answer> <answer>2</answer><confidence>0.1</confidence> <confidence>0.9</confidence>';
    expect(parseStatedAnswer(twice, 'tac')).toMatchObject({ formatOk: true, answer: '2', confidence: 0.9 });
  });

  it('is not led astray by a tag that is merely mentioned', () => {
    const mentioned = `I must end with <confidence> and <answer>.${wellFormed.tac}`;
    expect(parseStatedAnswer(mentioned, 'tac')).toMatchObject({ formatOk: true, answer: '42', confidence: 0.8 });
  });

  it.each<[string, string, string]>([
    ['', 'tac', 'no </think> followed by <answer>'],
    ['<answer>42</answer><confidence>0.8</confidence>', 'tac', 'no </think> followed by <answer>'],
    ['</think>So:<answer>42</answer><confidence>0.8</confidence>', 'tac', 'no </think> followed by <answer>'],
    ['</think><answer>42</answer>', 'tac', 'no </answer> followed by <confidence>'],
    ['</think><answer>42</answer> hence <confidence>0.8</confidence>', 'tac', 'no </answer> followed by <confidence>'],
    ['</think><answer>42</answer><confidence>0.8', 'tac', 'does not end with </confidence>'],
    ['</think><answer>42</answer><confidence>0.8</confidence> Bye.', 'tac', 'does not end with </confidence>'],
    ['</think><answer>42</answer><confidence></confidence>', 'tac', "confidence '' is not"],
    ['</think><answer>42</answer><confidence>nan</confidence>', 'tac', "confidence 'nan' is not"],
    ['</think><answer>42</answer><confidence>95%</confidence>', 'tac', "confidence '95%' is not"],
    ['</answer><confidence></think><answer>42</confidence>', 'tac', 'no </answer> followed by <confidence>'],
    ['</confidence></think><answer>42</answer><confidence>', 'tac', 'does not end with </confidence>'],
  ])('says what is broken in %j', (completion, format, complaint) => {
    const read = parseStatedAnswer(completion, format as AnswerFormat);
    expect(read.formatOk).toBe(false);
    expect(read.reason).toContain(complaint);
  });

  it('still gives what it found in a broken completion, for an evaluation', () => {
    const read = parseStatedAnswer('<answer>42</answer> sure: <confidence>95%</confidence>.');
    expect(read).toMatchObject({ formatOk: false, answer: '42', confidenceText: '95%' });
    expect(read.confidence).toBeUndefined();
  });

  it('agrees with the official patterns on any arrangement of the tags', () => {
    const pieces = fc.constantFrom(
      '</think>', '<answer>', '</answer>', '<analysis>', '</analysis>', '<confidence>', '</confidence>', '0.8', ' ', '\n', 'x',
    ); // prettier-ignore
    const parts = fc.oneof(
      fc.array(pieces, { maxLength: 14 }).map((some) => some.join('')),
      fc
        .tuple(fc.constantFrom(...formats), fc.array(pieces, { maxLength: 3 }), fc.array(pieces, { maxLength: 3 }))
        .map(([format, before, after]) => before.join('') + wellFormed[format] + after.join('')),
    );
    let broken = 0;
    let kept = 0;
    fc.assert(
      fc.property(parts, fc.constantFrom(...formats), (completion, format) => {
        const { formatOk, reason } = parseStatedAnswer(completion, format);
        // Where the confidence is at fault the patterns do not say; the tests above do.
        if (!formatOk && reason!.startsWith('The confidence')) return;
        expect(formatOk).toBe(official[format].test(completion));
        if (formatOk) kept += 1;
        else broken += 1;
      }),
      { numRuns: 3_000 },
    );
    expect(kept).toBeGreaterThan(50);
    expect(broken).toBeGreaterThan(50);
  });

  it('reads hostile completions of a million characters', () => {
    for (const piece of ['</think>', '</think> ', '</think><answer>', '</answer> <confidence>', ' ']) {
      const hostile = piece.repeat(1_000_000 / piece.length);
      for (const format of formats) expect(parseStatedAnswer(hostile, format).formatOk).toBe(false);
    }
  });
});
