import { placementCounts } from './placement-counts.ts';

/**
 * P(receptacle's class | object's class), counted from the 3,553 official training games (`scripts/count-placements.ts`), with half an
 * object added to each class so that no place is impossible.
 */
export function placementShare(objectClass: string, receptacleClass: string): number {
  const counts = placementCounts[objectClass] ?? {};
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return ((counts[receptacleClass] ?? 0) + 0.5) / (total + 20);
}
