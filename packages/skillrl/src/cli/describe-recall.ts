import type { CandidateExplanation, RecallExplanation } from '@skillrl/memory';

import { table } from './output.ts';

/** A recall as lines for a person: how was searched, what the budget held, and each candidate with its scores. */
export function describeRecall(explanation: RecallExplanation, most: number): string[] {
  const { query, search, budget, candidates, advice } = explanation;
  const left = candidates.length - most;
  return [
    `asked: ${query.replaceAll(/\s+/g, ' ')}`,
    `words: ${search.terms.map(describeTerm).join(', ') || 'none'}`,
    `meaning: ${describeVectors(explanation)}`,
    `budget: ${budget.tokens} tokens, of which the chosen entries take ${budget.used}; ${budget.left} are left over`,
    ...(advice.recall.degraded === undefined ? [] : [`degraded: ${advice.recall.degraded}`]),
    '',
    ...table([heading, ...candidates.slice(0, most).map(row)]),
    ...(left > 0 ? [`… and ${left} more; --limit shows them`] : []),
    '',
    'relevance = similarity (0 at the least) + 0.15 × coverage where the gate is open + what the entry is: named, of the family, off topic.',
  ];
}

const heading = [
  'decision',
  'relevance',
  'meaning',
  'words',
  'named',
  'family',
  'off topic',
  'similarity',
  'its rank',
  'BM25',
  'its rank',
  'coverage',
  'gate',
  'tokens',
  'entry',
];

function row(candidate: CandidateExplanation): (string | number)[] {
  const { decision, relevance, parts, similarity, denseRank, bm25, lexicalRank, coverage, gate, tokens } = candidate;
  return [
    decision,
    fixed(relevance),
    fixed(parts.meaning),
    fixed(parts.words),
    part(parts.named),
    part(parts.family),
    part(parts.offTopic),
    fixed(similarity),
    right(denseRank?.toString() ?? '–', 8),
    fixed(bm25),
    right(lexicalRank?.toString() ?? '–', 8),
    fixed(coverage),
    gate,
    tokens,
    `${candidate.entryId}  ${candidate.title.slice(0, 60)}`,
  ];
}

function describeTerm({ term, documents, finds }: RecallExplanation['search']['terms'][number]): string {
  const how = finds ? '' : documents === 0 ? ' (unknown)' : ' (only ranks)';
  return `${term} in ${documents}${how}`;
}

function describeVectors({ search: { vectors } }: RecallExplanation): string {
  if (vectors === undefined) return 'not searched';
  const { engine, allowed, looked, rescored, reason } = vectors;
  return `${engine}, ${allowed} entries allowed, ${looked} looked at, ${rescored} compared in full precision; ${reason}`;
}

function fixed(value: number | undefined): string {
  return right(value?.toFixed(3) ?? '–', 6);
}

function part(value: number): string {
  return right(value === 0 ? '–' : value.toFixed(3), 6);
}

function right(text: string, width: number): string {
  return text.padStart(width);
}
