import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { contentHash, servedStatuses, type BankEntry } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';
import { z } from 'zod';

import { textOf, throwing, type OnError } from './client-error.ts';
import { servedEntry, skillMarkdown } from './served-entry.ts';

/** Most skills in a listing, which clients show to people; search finds the others. */
const mostListed = 100;
/** Most ids in an answer to a completion; the protocol's own limit. */
const mostCompleted = 100;

/** `skill://{id}`, a bounded list of them, completion of ids, and the prompt `with_skills`. */
export function registerResources(server: McpServer, memory: Memory, onError: OnError): void {
  const template = new ResourceTemplate('skill://{id}', {
    list: () =>
      throwing('list the skills', onError, async () => {
        const entries = await firstOf(memory.list({ statuses: servedStatuses }), mostListed, () => true);
        const resources = entries.map(({ id, title, kind }) => ({
          uri: `skill://${encodeURIComponent(id)}`,
          name: title,
          description: kind,
          mimeType: 'text/markdown',
        }));
        return { resources };
      }),
    complete: {
      id: (begun) =>
        throwing('complete the id', onError, async () => {
          const served = memory.list({ statuses: servedStatuses });
          const entries = await firstOf(served, mostCompleted, ({ id }) => id.startsWith(begun));
          return entries.map(({ id }) => id);
        }),
    },
  });
  server.registerResource(
    'skill',
    template,
    { title: 'A skill', description: 'One skill of the bank as text.', mimeType: 'text/markdown' },
    (uri, { id }) =>
      throwing('read the skill', onError, async () => {
        const entry = await servedEntry(memory, decoded(String(id)));
        return { contents: [{ uri: uri.href, mimeType: 'text/markdown', text: skillMarkdown(entry) }] };
      }),
  );

  server.registerPrompt(
    'with_skills',
    {
      title: 'A task with what was learned',
      description: 'The task, and below it what earlier tasks taught about it.',
      argsSchema: { task: z.string().min(1).max(20_000) },
    },
    ({ task }) =>
      throwing('recall', onError, async () => {
        const id = `task_${contentHash(task).slice(0, 24)}`;
        const asked = { id, environment: 'user', instruction: task, domainKind: 'convergent' } as const;
        const { text } = await memory.recaller.recall({ task: asked });
        return { messages: [{ role: 'user', content: textOf(text === '' ? task : `${task}\n\n${text}`) }] };
      }),
  );
}

async function firstOf(
  entries: AsyncIterable<BankEntry>,
  most: number,
  fits: (entry: BankEntry) => boolean,
): Promise<BankEntry[]> {
  const found: BankEntry[] = [];
  for await (const entry of entries) {
    if (fits(entry) && found.push(entry) === most) break;
  }
  return found;
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
