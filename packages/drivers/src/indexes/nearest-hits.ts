import { IndexError, type VectorHit } from '@skillrl/core';

/** The best hits so far: a heap with the worst in front, so that thousands of hits cost no more than their comparisons. */
export class NearestHits {
  readonly #limit: number;
  readonly #heap: VectorHit[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#heap.length;
  }

  /** No hit below this similarity is taken any more; −Infinity as long as there are fewer than the limit. */
  get least(): number {
    return this.#heap.length < this.#limit ? -Infinity : this.#heap[0]!.similarity;
  }

  offer(id: string, similarity: number): void {
    const heap = this.#heap;
    const hit = { id, similarity };
    if (heap.length < this.#limit) {
      let place = heap.push(hit) - 1;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (!isNearer(heap[parent]!, hit)) break;
        heap[place] = heap[parent]!;
        place = parent;
      }
      heap[place] = hit;
    } else if (isNearer(hit, heap[0]!)) {
      let place = 0;
      for (;;) {
        let child = 2 * place + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isNearer(heap[child]!, heap[child + 1]!)) child += 1;
        if (!isNearer(hit, heap[child]!)) break;
        heap[place] = heap[child]!;
        place = child;
      }
      heap[place] = hit;
    }
  }

  /** By falling similarity, ties by id. */
  sorted(): VectorHit[] {
    return this.#heap.toSorted((a, b) => (isNearer(a, b) ? -1 : 1));
  }
}

/** @throws {IndexError} `LIMIT_INVALID` */
export function checkLimit(limit: number): void {
  if (limit >= 1 && (Number.isInteger(limit) || limit === Infinity)) return;
  throw new IndexError({
    code: 'LIMIT_INVALID',
    message: `A search was asked for ${limit} hits: the limit must be a whole number ≥ 1.`,
  });
}

function isNearer(a: VectorHit, b: VectorHit): boolean {
  return a.similarity > b.similarity || (a.similarity === b.similarity && a.id < b.id);
}
