import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { compact } from '../../packages/drivers/src/index.ts';
import { skillBackend, type SkillListing } from '../../packages/langchain/src/deepagents/index.ts';
import { folderBackend, memoryWith, promptFor, skillOf } from '../../packages/langchain/test-support/skill-agents.ts';
import { temporaryFolder } from '../../packages/testing/src/index.ts';

export const description =
  'Skills that a deep agent is shown for a task: the share that has the right one, and the prompt';

interface Skill {
  readonly text: string;
  readonly paraphrase: string;
  readonly keywords: string;
}

const fixture = new URL('../../packages/drivers/src/embedders/fixtures/paraphrases.json', import.meta.url);

/**
 * Prints, for each budget, how many of the tasks have their skill among the listed, and what the whole system prompt takes; last, deepagents
 * by itself, which lists all. 150 skills, the built-in embedder, an agent run a task; the tasks of the 64 `test` skills, asked with hardly a
 * word of the skill and by its keywords. `--min-relevance R` beside the default.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { json: { type: 'boolean' }, 'min-relevance': { type: 'string' } } });
  const { development, test } = JSON.parse(readFileSync(fixture, 'utf8')) as Record<'development' | 'test', Skill[]>;
  const all = [...test, ...development];
  const entries = all.map(({ text }, number) => skillOf(text, number));
  const { memory } = await memoryWith(entries, compact());
  const minRelevance = values['min-relevance'] === undefined ? undefined : Number(values['min-relevance']);
  const rows: object[] = [];
  for (const budgetTokens of [200, 400, 800, 1600]) {
    let listing: SkillListing | undefined;
    const onListed = (one: SkillListing): void => void (listing = one);
    const backend = skillBackend(memory, { budgetTokens, onListed, minRelevance });
    const found = { paraphrase: 0, keywords: 0 };
    const sum = { characters: 0, skills: 0, tokens: 0, most: 0 };
    for (const [number, skill] of test.entries()) {
      for (const asked of ['paraphrase', 'keywords'] as const) {
        sum.characters += (await promptFor(backend, skill[asked])).length;
        const { skills = [], tokens = 0 } = listing ?? {};
        found[asked] += Number(skills.some(({ id }) => id === `skill-${number}`));
        sum.skills += skills.length;
        sum.tokens += tokens;
        sum.most = Math.max(sum.most, tokens);
      }
    }
    const tasks = 2 * test.length;
    rows.push({
      budgetTokens,
      paraphrase: found.paraphrase / test.length,
      keywords: found.keywords / test.length,
      skills: sum.skills / tasks,
      tokens: sum.tokens / tasks,
      mostTokens: sum.most,
      promptCharacters: Math.round(sum.characters / tasks),
    });
  }
  const everything = await promptFor(folderBackend(temporaryFolder(), entries), test[0]?.paraphrase ?? '');
  const listingAll = { skills: all.length, promptCharacters: everything.length };
  if (values.json === true) {
    process.stdout.write(`${JSON.stringify({ skills: all.length, rows, listingAll })}\n`);
    return;
  }
  console.log(`${all.length} skills; ${test.length} tasks in other words, ${test.length} by keywords`);
  console.table(rows);
  console.log(`deepagents by itself lists all ${all.length}: ${everything.length} characters, whatever the task`);
}
