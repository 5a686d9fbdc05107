import type { VectorIndex } from '../../../packages/core/src/index.ts';

/** Waits until an index that works on in the background, such as at its graph, has nothing left to do. */
export async function settled(index: VectorIndex): Promise<void> {
  await (index as Partial<{ settled(): Promise<void> }>).settled?.();
}
