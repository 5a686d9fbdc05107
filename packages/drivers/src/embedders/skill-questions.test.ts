import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { compact } from './compact.ts';

interface Question {
  readonly domain: string;
  readonly text: string;
  readonly paraphrase: string;
  readonly keywords: string;
}

const { skills } = JSON.parse(readFileSync(new URL('./fixtures/skill-questions.json', import.meta.url), 'utf8')) as {
  readonly skills: readonly Question[];
};

describe('the skill questions', () => {
  it('are at least 160 different texts of many domains', () => {
    expect(new Set(skills.map(({ text }) => text)).size).toBe(skills.length);
    expect(skills.length).toBeGreaterThanOrEqual(160);
    expect(new Set(skills.map(({ domain }) => domain)).size).toBeGreaterThanOrEqual(12);
  });

  it('paraphrase without the content words of their text: at most one of a stem each, and below one in fifty on the whole', () => {
    const shared = skills.map(({ text, paraphrase }) => sharedStems(paraphrase, text));
    for (const [position, words] of shared.entries()) {
      expect(words.length, `${skills[position]!.paraphrase}: ${words.join(', ')}`).toBeLessThanOrEqual(1);
    }
    const asked = skills.reduce((sum, { paraphrase }) => sum + contentWords(paraphrase).length, 0);
    expect(shared.flat().length / asked).toBeLessThan(1 / 50);
  });

  it('take their keywords from their text', () => {
    for (const { text, keywords } of skills) {
      const spelled = text.toLowerCase().match(/[a-z]+/g)!;
      for (const word of keywords.match(/[a-z]+/g)!) {
        expect(
          spelled.some((one) => isSameStem(one, word)),
          `${word} in: ${text}`,
        ).toBe(true);
      }
    }
  });
});

describe('compact on the skill questions', () => {
  /** How many texts come before the right one, a number a question; a tie counts. */
  async function ranks(field: 'paraphrase' | 'keywords'): Promise<number[]> {
    const texts = await compact().embed(skills.map(({ text }) => text));
    const asked = await compact().embed(skills.map((question) => question[field]));
    return asked.map((vector, right) => {
      const similarities = texts.map((text) => text.reduce((sum, value, at) => sum + value * vector[at]!, 0));
      return similarities.filter((value, other) => other !== right && value >= similarities[right]!).length;
    });
  }
  const share = (found: readonly number[], limit: number): number =>
    found.filter((rank) => rank < limit).length / found.length;

  it('finds at least 97 % first by keywords', async () => {
    expect(share(await ranks('keywords'), 1)).toBeGreaterThanOrEqual(0.97);
  });

  it('finds at least a quarter first, and a half among five, by words that are not in the text', async () => {
    const found = await ranks('paraphrase');
    expect(share(found, 1)).toBeGreaterThanOrEqual(0.25);
    expect(share(found, 5)).toBeGreaterThanOrEqual(0.5);
  });
});

// Words that carry grammar, or that any skill could hold.
const emptyWords = new Set(
  `a about after again against ahead all also always an and another any are around as ask at away back be because been before beforehand
  being below best both but by can come comes cannot could did do does done during each early either else enough ever every few first for
  found from full gave get gets give given gives go goes good had has have he her here him his how if in into is it its just keep keeps
  kept last late later least leave left less let long look looks made make makes many mean means meant more most much must need needed
  needs never next no nobody none nor not nothing now of off often on once one only or other others otherwise our out over own per put
  puts rather right run same say says see seen set shall she should so some someone start still such take taken takes tell ten than that
  the their them then there these they thing things this those three through time to today together too top two under unless until up upon
  us use used using want wanted wants was way we were what whatever when where whether which while who whom whose why will with within
  without word words would year years yes yet you your`.split(/\s+/),
);

function contentWords(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  return [...new Set(words)].filter((word) => word.length > 1 && !emptyWords.has(word));
}

function sharedStems(paraphrase: string, text: string): string[] {
  const words = contentWords(text);
  return contentWords(paraphrase).filter((word) => words.some((other) => isSameStem(word, other)));
}

/** Generous: four letters alike and endings of at most four count as one stem, so that `check` and `checkout` do. */
function isSameStem(one: string, other: string): boolean {
  if (one === other) return true;
  let alike = 0;
  while (alike < one.length && one[alike] === other[alike]) alike += 1;
  return alike >= 4 && one.length - alike <= 4 && other.length - alike <= 4;
}
