import { sqlite } from '../../../packages/drivers/src/index.ts';

// Commits to the bank at argv[2] as fast as it can until its parent lets go, and tells their number when asked.
const { entries } = sqlite({ path: process.argv[2]! });
process.on('disconnect', () => process.exit());
let commits = 0;
process.on('message', () => process.send!(commits));
for (;;) {
  const statuses = [
    { id: `entry-${commits % 500}`, status: Math.floor(commits / 500) % 2 === 0 ? 'trial' : 'stable' },
  ] as const;
  await entries.commit({ namespace: 'default', reason: 'busy', statuses });
  commits += 1;
  if (commits % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
