import type { VectorExplanation, VectorHit, VectorIndex, VectorSearchOptions } from '@skillrl/core';
import type { HierarchicalNSW } from 'hnswlib-node';

import { loadHnswlib } from './load-hnswlib.ts';
import { unitVector, unitVectorOf } from './unit-vector.ts';
import { NearestHits, VectorRows } from './vector-rows.ts';

export interface HnswOptions {
  /** Length of the vectors. */
  readonly dimensions: number;
  /** Neighbours a node keeps; memory and quality. Default 16. */
  readonly m?: number;
  /** Candidates looked at when a vector is added; build time and quality. Default 100. */
  readonly efConstruction?: number;
  /** Candidates looked at by a search, ≥ 1; time and recall. Never fewer than asked for. Default 64. */
  readonly ef?: number;
  /** Up to so many vectors there is no graph: the exact search serves. Default 0. */
  readonly exactUpTo?: number;
  /** The graph is built anew when more than this share of its nodes are deleted ones. Default .3. */
  readonly compactAbove?: number;
}

/**
 * The approximate index: a navigable graph in hnswlib-node. Recall .99 and more at `ef` 64 up to 100,000 vectors; from about 20,000 on
 * faster than the exact one.
 *
 * A filter never enters native code, where what it throws would end the process: more candidates are taken and filtered here, and when
 * too few are left, the allowed vectors are searched exactly.
 *
 * @throws {UnsupportedError} `HNSW_UNAVAILABLE` where hnswlib-node is not installed or was not compiled.
 */
export function hnsw(options: HnswOptions): VectorIndex {
  const { dimensions, m = 16, efConstruction = 100, ef = 64, exactUpTo = 0, compactAbove = 0.3 } = options;
  const library = loadHnswlib();
  const rows = new VectorRows(dimensions);
  const labelOf = new Map<string, number>();
  /** Id of each label ever given since the graph was built; `undefined` for deleted nodes. */
  let idOf: (string | undefined)[] = [];
  let capacity = 0;
  let graph: HierarchicalNSW | undefined;
  // The library takes plain arrays only; filling one again and again costs a tenth of making one.
  const numbers = Array.from<number>({ length: dimensions }).fill(0);

  function build(): void {
    graph = new library.HierarchicalNSW('ip', dimensions);
    capacity = Math.max(1024, Math.ceil(rows.size * 1.5));
    graph.initIndex({ maxElements: capacity, m, efConstruction, randomSeed: 100 });
    idOf = [];
    labelOf.clear();
    for (const [id, unit] of rows.entries()) insert(id, unit);
  }

  function insert(id: string, unit: Float32Array): void {
    if (graph === undefined) return;
    if (idOf.length === capacity) {
      capacity *= 2;
      graph.resizeIndex(capacity);
    }
    // A new label even for a known id: moving a node costs ten times an insertion.
    const label = idOf.push(id) - 1;
    labelOf.set(id, label);
    graph.addPoint(asArray(unit), label);
  }

  function markDeleted(id: string): void {
    const label = labelOf.get(id);
    if (label === undefined) return;
    graph?.markDelete(label);
    labelOf.delete(id);
    idOf[label] = undefined;
  }

  function compactIfNeeded(): void {
    const deleted = idOf.length - labelOf.size;
    if (deleted > 32 && deleted > compactAbove * idOf.length) build();
  }

  function asArray(unit: Float32Array): number[] {
    for (let position = 0; position < dimensions; position += 1) numbers[position] = unit[position]!;
    return numbers;
  }

  function explain(vector: Float32Array, { limit, filter }: VectorSearchOptions): VectorExplanation {
    const unit = unitVector(vector, dimensions, 'query');
    const isAllowed = rows.byId(filter);
    const allowed = rows.allowed(isAllowed);
    if (unit === undefined)
      return { hits: [], engine: 'flat', allowed, looked: 0, rescored: 0, reason: 'the query is zero' };
    const found = graph === undefined ? undefined : walk(graph, unit, limit, isAllowed);
    if (found !== undefined && found.hits.length >= Math.min(limit, allowed)) {
      return { ...found, engine: 'hnsw', allowed, rescored: 0, reason: 'the graph had enough candidates' };
    }
    const hits = rows.nearest(unit, limit, isAllowed);
    const reason = graph === undefined ? 'there is no graph' : 'too few of the candidates of the graph were allowed';
    return { hits, engine: 'flat', allowed, looked: allowed, rescored: allowed, reason };
  }

  function walk(
    nodes: HierarchicalNSW,
    unit: Float32Array,
    limit: number,
    isAllowed: ((id: string) => boolean) | undefined,
  ): { hits: readonly VectorHit[]; looked: number } {
    const nearest = new NearestHits(limit);
    if (rows.size === 0) return { hits: nearest.hits, looked: 0 };
    const looked = Math.min(rows.size, Math.max(ef, isAllowed === undefined ? limit : limit * 8));
    nodes.setEf(looked);
    const { neighbors, distances } = nodes.searchKnn(asArray(unit), looked);
    for (const [position, label] of neighbors.entries()) {
      const id = idOf[label];
      if (id !== undefined && (isAllowed === undefined || isAllowed(id))) nearest.offer(id, 1 - distances[position]!);
    }
    return { hits: nearest.hits, looked };
  }

  return {
    get kind() {
      return graph === undefined ? 'flat' : 'hnsw';
    },
    dimensions,
    get size() {
      return rows.size;
    },
    add: (items) => {
      const checked = items.map(({ id, vector, group = '' }) => ({
        id,
        unit: unitVectorOf(id, vector, dimensions),
        group,
      }));
      for (const { id, unit, group } of checked) {
        markDeleted(id);
        rows.set(id, unit, group);
        insert(id, unit);
      }
      if (graph === undefined && rows.size > exactUpTo) build();
      else compactIfNeeded();
    },
    remove: (ids) => {
      for (const id of ids) if (rows.delete(id)) markDeleted(id);
      compactIfNeeded();
    },
    search: (vector, searchOptions) => [...explain(vector, searchOptions).hits],
    explain,
    vectorOf: (id) => rows.unitOf(id),
    close: () => {
      graph = undefined;
      rows.clear();
      labelOf.clear();
      idOf = [];
    },
  };
}
