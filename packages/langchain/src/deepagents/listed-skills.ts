import { contentHash, type EntryExposure, type RecallNote, type Task } from '@skillrl/core';
import { estimateTokens, skillDescription, skillName, type CandidateExplanation, type Memory } from '@skillrl/memory';

import { mostDescription, skillText, type ServedSkill } from './skill-text.ts';

export interface ListingOptions {
  /** Tokens that the listed skills may take in the prompt. */
  readonly budgetTokens: number;
  /** Skills less relevant than this are not listed, in [0, 1.3]. */
  readonly minRelevance: number;
  /** Folder of the skills as the agent sees it, such as `/skills/`: its paths are part of the prompt. */
  readonly shownRoot: string;
  /** Draws of what is withheld, for a listing that an episode records. Default: nothing is withheld. */
  readonly seed?: number;
}

/** What was listed for a task. */
export interface SkillListing {
  readonly task: string;
  /** Best first. */
  readonly skills: readonly ServedSkill[];
  /** Estimated length of the lines that deepagents makes of them. */
  readonly tokens: number;
  /** What an episode says of it; of a listing that none records, nothing is withheld. */
  readonly recall?: RecallNote;
  /** Why only a part of the search answered, where it did. */
  readonly degraded?: string;
}

/** The skills that the memory recalls for a task, best first, as far as their lines go into the budget. */
export async function listSkills(
  memory: Memory,
  instruction: string,
  { budgetTokens, minRelevance, shownRoot, seed }: ListingOptions,
): Promise<SkillListing> {
  const { advice, candidates } = await memory.recaller.explain({ task: taskOf(instruction), seed });
  const drawn = new Map(advice.recall.shown.map((exposure) => [exposure.entryId, exposure]));
  const skills: ServedSkill[] = [];
  const shown: EntryExposure[] = [];
  let tokens = 0;
  for (const candidate of candidates) {
    const { entryId } = candidate;
    if (!isListed(candidate, minRelevance, seed !== undefined)) continue;
    const entry = await memory.entry(entryId);
    if (entry === undefined) continue;
    const name = skillName(entry);
    const cost = estimateTokens(promptLines(name, skillDescription(entry, mostDescription), shownRoot));
    if (tokens + cost > budgetTokens) continue;
    tokens += cost;
    skills.push({ id: entryId, name, text: skillText(entry) });
    // What a recall would not have chosen is listed for certain.
    shown.push(drawn.get(entryId) ?? { entryId, entryVersion: entry.version, propensity: 1 });
  }
  const { degraded } = advice.recall;
  const recall = seed === undefined ? undefined : { ...advice.recall, shown, tokens };
  return { task: instruction, skills, tokens, recall, ...(degraded !== undefined && { degraded }) };
}

/**
 * A line takes less than an entry, and the agent chooses among them: what was over a recall's limit, budget or threshold is listed all the same.
 * So is what was withheld by chance, unless an episode records the listing: from an absence that nobody writes down nothing is learned.
 */
function isListed({ decision, relevance }: CandidateExplanation, minRelevance: number, isRecorded: boolean): boolean {
  switch (decision) {
    case 'withheld':
      return !isRecorded && relevance >= minRelevance;
    case 'shown':
    case 'over-limit':
    case 'over-budget':
    case 'below-threshold':
      return relevance >= minRelevance;
    case 'other-conditions':
    case 'not-about-task':
    case 'unreadable':
    case 'duplicate':
      return false;
    default:
      return decision satisfies never;
  }
}

/** What deepagents 1.14 writes into the prompt for a skill. */
function promptLines(name: string, description: string, root: string): string {
  return `- **${name}**: ${description}\n  → Read \`${root}${name}/SKILL.md\` for full instructions\n`;
}

function taskOf(instruction: string): Task {
  const id = `task_${contentHash(instruction).slice(0, 24)}`;
  return { id, environment: 'user', instruction, domainKind: 'convergent' };
}
