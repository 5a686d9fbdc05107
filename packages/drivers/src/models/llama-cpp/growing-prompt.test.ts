import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { addCompletion, emptyPrompt, growByIds, growByText } from './growing-prompt.ts';

const codes = (text: string): number[] => Array.from(text, (letter) => letter.codePointAt(0) ?? 0);

describe('growByText', () => {
  it('tokenises only what comes after the last completion', () => {
    const first = growByText(emptyPrompt, 'task\n>', codes);
    const said = addCompletion(first.prompt, codes(' go\n'), ' go\n');
    const asked: string[] = [];
    const second = growByText(said, 'task\n> go\n ok\n>', (text) => (asked.push(text), codes(text)));
    expect(asked).toEqual([' ok\n>']);
    expect(second.newIds).toEqual(codes(' ok\n>'));
    expect(second.prompt.ids).toEqual(codes('task\n> go\n ok\n>'));
  });

  it('goes back to the last end that the text agrees with', () => {
    const first = growByText(emptyPrompt, 'task\n>', codes);
    const said = addCompletion(first.prompt, codes(' go\n'), ' go\n');
    const other = growByText(said, 'task\n> take\n>', codes);
    expect(other.newIds).toEqual(codes(' take\n>'));
    const unrelated = growByText(said, 'something else', codes);
    expect(unrelated.newIds).toEqual(codes('something else'));
  });

  it('adds nothing when the prompt has not changed', () => {
    const first = growByText(emptyPrompt, 'task', codes);
    expect(growByText(addCompletion(first.prompt, codes(' go'), ' go'), 'task', codes).newIds).toEqual([]);
  });

  it('says the whole prompt, however the conversation went', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string(), fc.nat(3)), { maxLength: 8 }), (turns) => {
        let state = emptyPrompt;
        let text = '';
        for (const [added, completion, dropped] of turns) {
          text = text.slice(0, Math.max(0, text.length - dropped)) + added;
          const { prompt, newIds } = growByText(state, text, codes);
          expect(prompt.ids).toEqual(codes(text));
          expect(prompt.ids.slice(prompt.ids.length - newIds.length)).toEqual(newIds);
          state = addCompletion(prompt, codes(completion), completion);
          text += completion;
        }
      }),
    );
  });
});

describe('growByIds', () => {
  it('shares the longest common beginning', () => {
    const said = addCompletion(growByIds(emptyPrompt, [1, 2, 3]).prompt, [4], 'x');
    expect(growByIds(said, [1, 2, 3, 4, 5]).newIds).toEqual([5]);
    expect(growByIds(said, [1, 9]).newIds).toEqual([9]);
    expect(growByText(said, 'ab', codes).newIds).toEqual(codes('ab'));
  });
});
