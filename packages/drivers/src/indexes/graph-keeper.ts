import { tmpdir } from 'node:os';

import { buildGraph } from './build-graph.ts';
import { Graph, readGraph, type GraphShape } from './graph.ts';
import { isHnswAvailable } from './load-hnswlib.ts';
import type { RowRemoval, VectorRows } from './vector-rows.ts';

/** When an index has a graph, and how it is made. */
export interface GraphPlan extends GraphShape {
  /** `at once`: every change waits until the graph has it. `in background`: a worker builds it, and changes are linked in between. */
  readonly when: 'never' | 'at once' | 'in background';
  /** Up to so many vectors there is no graph. */
  readonly exactUpTo: number;
  /** The graph is built anew when more than this share of its nodes are deleted ones. */
  readonly compactAbove: number;
  /** For the file in which a worker hands over what it built. Default: the system's folder for temporary files. */
  readonly folder?: string;
}

/** Keeps a graph beside the rows of an index: builds it, follows changes, builds it anew when much of it is waste. */
export class GraphKeeper {
  readonly #rows: VectorRows;
  readonly #plan: GraphPlan;
  #graph: Graph | undefined;
  /** One that is being built or read, and is told of every change. */
  #next: Graph | undefined;
  #failure: string | undefined;
  /** After a failure it is tried again when the index has grown beyond this. */
  #notUpTo: number;
  #isHeld = false;
  #work: Promise<void> | undefined;
  readonly #closed = new AbortController();
  /** Called when a graph begins to serve. */
  onGraph: (graph: Graph) => void = () => {};

  constructor(rows: VectorRows, plan: GraphPlan) {
    this.#rows = rows;
    this.#plan = plan;
    this.#notUpTo = plan.exactUpTo;
  }

  /** The graph that serves. */
  get graph(): Graph | undefined {
    return this.#graph;
  }

  /** Why there is no graph. */
  get reason(): string {
    if (this.#plan.when === 'never') return 'this index only compares every vector';
    if (this.#next !== undefined) return `the graph is not ready yet: ${this.#next.labels} vectors are in it`;
    if (this.#failure !== undefined) return `the graph could not be built (${this.#failure})`;
    return `up to ${this.#plan.exactUpTo} vectors there is no graph`;
  }

  added(row: number): void {
    this.#graph?.added(row);
    this.#next?.added(row);
  }

  changed(row: number): void {
    this.#graph?.changed(row);
    this.#next?.changed(row);
  }

  removed(removal: RowRemoval): void {
    this.#graph?.removed(removal);
    this.#next?.removed(removal);
  }

  /** To be called after changes. */
  follow(): void {
    switch (this.#plan.when) {
      case 'never':
        return;
      case 'at once':
        this.#dropWaste();
        if (this.#wantsBuild()) this.#graph = this.#empty();
        if (this.#isHeld) this.#graph?.hold();
        this.#link();
        return;
      case 'in background':
        this.#dropWaste();
        this.#wake();
        return;
      default:
        this.#plan.when satisfies never;
    }
  }

  /** Keeps the native graph as it is until `release`. */
  hold(): Graph | undefined {
    this.#isHeld = true;
    this.#graph?.hold();
    return this.#graph;
  }

  release(held: Graph | undefined): void {
    this.#isHeld = false;
    held?.release();
    this.#graph?.release();
    this.follow();
  }

  /** Reads a graph that was saved, while searches go on without it. */
  read(path: string, labels: Int32Array): void {
    const { m, efConstruction } = this.#plan;
    const graph = new Graph(this.#rows.units, 0, { m, efConstruction });
    graph.hold();
    graph.adopt(labels, this.#rows.size);
    this.#begin(
      this.#serve(graph, this.#plan.exactUpTo, async () => {
        graph.attach(await readGraph(path, this.#rows.dimensions));
      }),
    );
  }

  /** Resolves when nothing is left to do in the background. */
  async settled(): Promise<void> {
    // What runs in the background does not keep a process alive; who waits for it does.
    const awake = setInterval(() => {}, 1000);
    while (this.#work !== undefined) await this.#work;
    clearInterval(awake);
  }

  close(): void {
    this.#closed.abort();
    this.#graph = undefined;
  }

  #wake(): void {
    if (this.#work === undefined && !this.#closed.signal.aborted && this.#hasWork()) this.#begin(Promise.resolve());
  }

  #begin(first: Promise<void>): void {
    this.#work = first
      .then(() => this.#catchUp())
      .finally(() => {
        this.#work = undefined;
        this.#wake();
      });
  }

  /** A few milliseconds at a time, so that no one waits long for the thread. */
  async #catchUp(): Promise<void> {
    while (await this.#mayGoOn()) {
      if (this.#wantsBuild()) await this.#build();
      else this.#link(performance.now() + sliceMs);
    }
  }

  async #mayGoOn(): Promise<boolean> {
    if (!this.#hasWork()) return false;
    await new Promise<void>((resolve) => void setTimeout(resolve, 1).unref());
    return !this.#closed.signal.aborted && this.#hasWork();
  }

  /** An index that has become small needs no new graph. */
  #dropWaste(): void {
    if (!this.#isHeld && this.#isWaste() && this.#rows.size <= this.#plan.exactUpTo) this.#graph = undefined;
  }

  #isWaste(): boolean {
    const graph = this.#graph;
    return graph !== undefined && graph.labels > 64 && graph.deletedShare > this.#plan.compactAbove;
  }

  #hasWork(): boolean {
    return !this.#isHeld && (this.#wantsBuild() || (this.#graph?.unlinked.size ?? 0) > 0);
  }

  #wantsBuild(): boolean {
    const graph = this.#graph;
    if (this.#isHeld || this.#next !== undefined || this.#rows.size <= this.#notUpTo) return false;
    if (graph === undefined) return isHnswAvailable();
    const isFarBehind = this.#plan.when === 'in background' && graph.unlinked.size > Math.max(2048, graph.labels / 4);
    return this.#isWaste() || isFarBehind;
  }

  #link(untilMs?: number): void {
    try {
      this.#graph?.link(untilMs);
    } catch (error) {
      this.#graph = undefined;
      this.#failed(error, Math.ceil(this.#rows.size * 1.5));
    }
  }

  /** The exact search serves on. */
  #failed(error: unknown, retryAbove: number): void {
    this.#failure = error instanceof Error ? error.message : String(error);
    this.#notUpTo = Math.max(this.#plan.exactUpTo, retryAbove);
  }

  #build(): Promise<void> {
    const graph = this.#empty();
    graph.hold();
    const { m, efConstruction, folder = tmpdir() } = this.#plan;
    const options = { m, efConstruction, folder, signal: this.#closed.signal };
    // After a failure not again and again: when the index has grown by half.
    const retryAbove = Math.ceil(this.#rows.size * 1.5);
    return this.#serve(graph, retryAbove, () => buildGraph(graph, this.#rows.units, options));
  }

  /** Makes a graph ready, which learns of changes meanwhile, and lets it serve. */
  async #serve(graph: Graph, retryAbove: number, makeReady: () => Promise<void>): Promise<void> {
    this.#next = graph;
    try {
      await makeReady();
      if (this.#closed.signal.aborted) return;
      if (!this.#isHeld) graph.release();
      this.#graph = graph;
      this.#failure = undefined;
      this.onGraph(graph);
    } catch (error) {
      this.#failed(error, retryAbove);
    } finally {
      this.#next = undefined;
    }
  }

  #empty(): Graph {
    const { m, efConstruction } = this.#plan;
    return new Graph(this.#rows.units, this.#rows.size, { m, efConstruction });
  }
}

const sliceMs = 4;
