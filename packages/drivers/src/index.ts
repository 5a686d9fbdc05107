// Stores: the record of what happened and what was learned.
export { sqlite, type SqliteStores } from './stores/sqlite.ts';
export type { SqliteOptions } from './stores/sqlite-database.ts';

// Vector indexes.
export { flat, type FlatOptions } from './indexes/flat.ts';
export { hnsw, type HnswOptions } from './indexes/hnsw.ts';
export { isHnswAvailable } from './indexes/load-hnswlib.ts';
export { vectorIndex, type VectorIndexOptions } from './indexes/vector-index.ts';
