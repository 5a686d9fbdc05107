import { writeSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

import { crashBank, crashLesson } from './crash-bank.ts';

// Writes to the bank in the folder argv[2] as the writer argv[3], and follows with an index that is saved all the time, until the process is
// killed. Says on standard output what it is about to do (`?`) and what was acknowledged (`!`): put ID VERSION, remove ID, saved REVISION.
const [folder, name] = process.argv.slice(2) as [string, string];
const { entries, open } = crashBank(folder);
const versions = new Map<string, number>();
const index = await open();
let saving = false;
say('!', 'opened', String(index.revision));

for (let round = 0; ; round += 1) {
  const known = [...versions.keys()];
  const some = known[Math.floor(Math.random() * known.length)];
  const id = some === undefined || Math.random() < 0.6 ? `${name}-${round}` : some;
  if (id === some && Math.random() < 0.3) {
    say('?', 'remove', id);
    await entries.commit({ namespace: 'default', reason: 'remove', remove: [id] });
    versions.delete(id);
    say('!', 'remove', id);
  } else {
    const version = (versions.get(id) ?? 0) + 1;
    say('?', 'put', id, String(version));
    await entries.commit({ namespace: 'default', reason: 'put', put: [crashLesson(id, version)] });
    versions.set(id, version);
    say('!', 'put', id, String(version));
  }
  await index.moveTo(await entries.revision());
  // Commits alone would leave the save no turn.
  await turn();
  if (!saving) {
    saving = true;
    index
      .save()
      .then((summary) => say('!', 'saved', String(summary?.head?.revision)))
      // The other writer is saving.
      .catch((error: unknown) => say('!', 'failed', String((error as { readonly code?: string }).code)))
      .finally(() => (saving = false));
  }
}

function say(...words: readonly string[]): void {
  writeSync(1, `${words.join(' ')}\n`);
}
