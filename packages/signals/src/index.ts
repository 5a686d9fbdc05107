// Statistics: intervals and tests for the outcomes of plays.
export {
  clusterBootstrap,
  type ClusterBootstrapEstimate,
  type ClusterBootstrapOptions,
  type ClusteredValue,
} from './statistics/cluster-bootstrap.ts';
export { holm } from './statistics/holm.ts';
export type { Interval } from './statistics/interval.ts';
export { normalQuantile } from './statistics/normal.ts';
export { seededRandom } from './statistics/random.ts';
export { wilsonInterval } from './statistics/wilson-interval.ts';
