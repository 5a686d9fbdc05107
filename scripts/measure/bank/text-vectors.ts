import type { BankEntry } from '../../../packages/core/src/index.ts';
import { compact } from '../../../packages/drivers/src/index.ts';
import { generatedEntry, generatedTask } from './generated-entries.ts';
import { cached, writeFully, type VectorSet } from './vector-set.ts';

/** Generated entries and tasks as the built-in embedder sees them: real embeddings, with their crowded and their empty directions. */
export async function textVectors({ count, queries }: Pick<VectorSet, 'count' | 'queries'>): Promise<VectorSet> {
  const embedder = compact();
  await embedder.embed(['']);
  const { dimensions } = embedder;
  const path = await cached(`texts-3-${dimensions}-${count}-${queries}.f32`, async (file) => {
    for (let first = 0; first < count; first += 1000) {
      const size = Math.min(1000, count - first);
      const texts = Array.from({ length: size }, (_, at) => keyOf(generatedEntry(first + at, 'measured')));
      for (const vector of await embedder.embed(texts)) writeFully(file, vector);
    }
    const asked = Array.from({ length: queries }, (_, at) => generatedTask(at).instruction);
    for (const vector of await embedder.embed(asked, { kind: 'query' })) writeFully(file, vector);
  });
  return { name: `texts, ${dimensions}-d`, path, dimensions, count, queries };
}

/** What an entry is about and when it applies: about what the bank embeds of it. */
export function keyOf(entry: BankEntry): string {
  const when = entry.kind === 'demonstration' ? entry.body.goal : `${entry.body.appliesWhen} ${entry.body.principle}`;
  return `${entry.title}\n${when}`;
}
