import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { contentHash, type Embedder } from '@skillrl/core';
import { sqlite } from '@skillrl/drivers';
import { reembed } from '@skillrl/memory';

// Embeds the bank at argv[2] with an embedder named argv[3], says on stdout which texts it embeds and which embedder serves, until it is killed.
const [path, id] = process.argv.slice(2) as [string, string];
const { entries, close } = sqlite({ path });

const embedder: Embedder = {
  id,
  dimensions: 4,
  embed: async (texts) => {
    writeSync(1, `batch ${(await entries.servingEmbedder('default')) ?? 'none'} ${texts.map(contentHash).join(' ')}\n`);
    await delay(5);
    return texts.map((text) => Float32Array.of(1, text.length, 0, 0));
  },
};
await reembed({ entries, embedder }, { namespace: 'default' });
await close();
