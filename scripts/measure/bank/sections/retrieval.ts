import { bankOf } from '../banks.ts';
import { sizeName, type Section } from '../context.ts';
import { inChild } from '../in-child.ts';
import { target, type Row } from '../table.ts';
import type { LangchainRecallInput } from '../work/langchain-recall.ts';
import type { RecallInput, RecallResult } from '../work/recall.ts';

/** From a task to the entries that are shown: words, meaning, fusion, scores, diversity and packing; the embedding of the task apart. */
export const retrieval: Section = async function* (context) {
  const { sizes, passes, peers, missing, isQuick, say, signal } = context;
  const rows: Row[] = [];
  const asked = { tasks: isQuick ? 30 : 400, passes, budgetMs: isQuick ? 1000 : 15_000 };
  for (const count of sizes.filter((size) => size <= 200_000)) {
    const { folder, committedPerSecond, preparedS } = await bankOf(count, context);
    say(`retrieval: ${sizeName(count)} entries`);
    const input: RecallInput = { folder, ...asked };
    const file = new URL('../work/recall.ts', import.meta.url);
    const { p50, p99, queries, shown, memoryMb } = await inChild<RecallInput, RecallResult>(file, { input, signal });
    const most = count <= 10_000 ? 1 : 2;
    rows.push({
      name: `recall, ${sizeName(count)} entries`,
      values: { p50, p99, queries, shown, memory: memoryMb, committed: committedPerSecond, prepared: preparedS },
      target: target(`p50 ≤ ${most} ms`, p50 <= most),
    });
    if (peers === undefined) continue;
    say(`retrieval: LangChain, ${sizeName(count)} texts`);
    const name = `LangChain MemoryVectorStore.similaritySearch, ${sizeName(count)} texts`;
    try {
      const why = missing.get('langchain');
      if (why !== undefined) throw new Error(why);
      const other = new URL('../work/langchain-recall.ts', import.meta.url);
      const options = { input: { peers, count, ...asked }, signal };
      const result = await inChild<LangchainRecallInput, RecallResult>(other, options);
      rows.push({ name, values: { ...result, shown: 6, memory: result.memoryMb } });
    } catch (error) {
      signal.throwIfAborted();
      rows.push({ name, values: {}, failure: error instanceof Error ? error.message : String(error) });
    }
  }
  const columns = [
    { key: 'p50', title: 'p50 ms' },
    { key: 'p99', title: 'p99 ms' },
    { key: 'queries', title: 'tasks' },
    { key: 'shown', title: 'shown' },
    { key: 'memory', title: 'MB' },
    { key: 'committed', title: 'committed/s' },
    { key: 'prepared', title: 'prepared s' },
  ];
  yield {
    title: 'Whole retrieval, the embedding of the task apart',
    columns,
    rows,
    note: 'LangChain answers with the nearest texts alone: no words, conditions, diversity or budget. Committed and prepared: processor time of building the bank.',
  };
};
