import { setTimeout as delay } from 'node:timers/promises';

import { sqlite } from '../../../packages/drivers/src/index.ts';

// A process of `measure writers`: appends events to the bank at argv[2] one after another, from the time argv[4] (milliseconds since 1970) on for
// argv[5] milliseconds, and prints how many it appended and its longest wait.
const [path, name, from, forMs] = process.argv.slice(2) as [string, string, string, string];
const { episodes, close } = sqlite({ path, busyTimeoutMs: 60_000 });
const task = { id: 't', environment: 'house', instruction: 'heat a mug', domainKind: 'convergent' } as const;
const policy = { name: 'p', version: '1' };
await episodes.append([{ id: 'start', episodeId: name, at: 1, type: 'episode-start', task, purpose: 'train', policy }]);
await delay(Math.max(0, Number(from) - Date.now()));

let writes = 0;
let longestMs = 0;
const end = performance.now() + Number(forMs);
for (let begin = performance.now(); begin < end; writes += 1) {
  const observation = 'x'.repeat(200);
  await episodes.append([{ id: `o${writes}`, episodeId: name, at: 2, type: 'observation', observation }]);
  const now = performance.now();
  longestMs = Math.max(longestMs, now - begin);
  begin = now;
}
await close();
console.log(JSON.stringify({ writes, longestMs }));
