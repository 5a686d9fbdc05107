/** The smallest of the `count` largest numbers offered so far: a heap with the smallest in front. */
export class SmallestOfLargest {
  readonly #count: number;
  readonly #heap: number[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /** −Infinity as long as there were fewer than `count`. */
  get smallest(): number {
    return this.#heap.length < this.#count ? -Infinity : this.#heap[0]!;
  }

  offer(value: number): void {
    const heap = this.#heap;
    if (heap.length < this.#count) {
      let place = heap.push(value) - 1;
      while (place > 0) {
        const parent = (place - 1) >> 1;
        if (heap[parent]! <= value) break;
        heap[place] = heap[parent]!;
        place = parent;
      }
      heap[place] = value;
    } else if (value > heap[0]!) {
      let place = 0;
      for (;;) {
        let child = 2 * place + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child += 1;
        if (heap[child]! >= value) break;
        heap[place] = heap[child]!;
        place = child;
      }
      heap[place] = value;
    }
  }
}
