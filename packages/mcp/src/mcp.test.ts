import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { createMemory } from '@skillrl/memory';
import { aPrinciple, memoryEntryStore, memoryEpisodeStore, temporaryFolder } from '@skillrl/testing';
import { openSkillMemory } from 'skillrl';
import { afterEach, describe, expect, it } from 'vitest';

import { bankServer } from './bank-server.ts';
import { serveHttp } from './serve-http.ts';

const mugs = aPrinciple({
  id: 'mugs',
  title: 'Mugs are on the shelf',
  body: { principle: 'Mugs are on the shelf above the sink.', appliesWhen: 'somebody asks for mugs' },
});

async function aMemory() {
  const [episodes, entries] = [memoryEpisodeStore(), memoryEntryStore()];
  await entries.commit({ namespace: 'default', reason: 'test', put: [mugs] });
  await entries.commit({ namespace: 'b', reason: 'test', put: [{ ...mugs, namespace: 'b', id: 'theirs' }] });
  return { memory: createMemory({ episodes, entries }, { recall: { withholdProbability: 0 } }), episodes, entries };
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function connected(transport: Parameters<Client['connect']>[0]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  opened.push(client);
  return client;
}

const call = async (client: Client, name: string, given: Record<string, unknown>) => {
  const result = await client.callTool({ name, arguments: given });
  const text = (result.content as { text: string }[]).map((part) => part.text).join('\n');
  return {
    text,
    isError: result.isError === true,
    data: result.structuredContent as Record<string, unknown> | undefined,
  };
};

describe('the tools of a bank', () => {
  async function inProcess() {
    const stores = await aMemory();
    const [near, far] = InMemoryTransport.createLinkedPair();
    await bankServer(stores.memory).connect(far);
    return { ...stores, client: await connected(near) };
  }

  it('search and read', async () => {
    const { client } = await inProcess();
    const { data } = await call(client, 'search_skills', { query: 'mugs' });
    expect(data).toMatchObject({ skills: [{ id: 'mugs', kind: 'principle' }] });
    expect((await call(client, 'read_skill', { id: 'mugs' })).text).toContain('above the sink');
    expect(await call(client, 'read_skill', { id: 'theirs' })).toMatchObject({ isError: true });
    const { contents } = await client.readResource({ uri: 'skill://mugs' });
    expect(contents).toMatchObject([{ mimeType: 'text/markdown', text: expect.stringContaining('above the sink') }]);
    await expect(client.readResource({ uri: 'skill://nothing' })).rejects.toThrow(/no skill/);
  });

  it('give nothing that may not reach a prompt', async () => {
    const { client, entries } = await inProcess();
    const poison = { ...mugs, id: 'poison', title: 'Mugs are poison', status: 'quarantined' } as const;
    await entries.commit({ namespace: 'default', reason: 'test', put: [poison] });
    expect((await call(client, 'search_skills', { query: 'mugs poison' })).text).not.toContain('poison');
    expect(await call(client, 'read_skill', { id: 'poison' })).toMatchObject({ isError: true });
    await expect(client.readResource({ uri: 'skill://poison' })).rejects.toThrow(/no skill/);
    expect((await client.listResources()).resources).toMatchObject([{ uri: 'skill://mugs' }]);
  });

  it('cannot outweigh what somebody verified', async () => {
    const { client, memory, episodes } = await inProcess();
    const { data } = await call(client, 'record_episode', { task: 'get a mug', steps: [{ action: 'take mug' }] });
    const episodeId = String(data?.['episodeId']);
    await memory.outcome(episodeId, false);
    await call(client, 'report_outcome', { episodeId, success: true });
    expect((await episodes.episode(episodeId))?.outcome).toMatchObject({ status: 'failure', verified: true });
  });

  it('are listed up to a bound, completed, and recalled for a task in a prompt', async () => {
    const { client, entries } = await inProcess();
    const odd = 'a/b c?#%é';
    const body = { principle: 'Lamps stand on desks.', appliesWhen: 'it is dark' };
    const lamp = (_: unknown, number: number) => ({ ...mugs, id: `lamp-${number}`, title: `Lamp ${number}`, body });
    const more = Array.from({ length: 150 }, lamp);
    await entries.commit({ namespace: 'default', reason: 'test', put: [...more, { ...mugs, id: odd }] });
    const { resources } = await client.listResources();
    expect(resources).toHaveLength(100);
    for (const { uri } of resources.slice(0, 3)) await client.readResource({ uri });
    expect(resources.map(({ uri }) => uri)).toContain(`skill://${encodeURIComponent(odd)}`);
    const { contents } = await client.readResource({ uri: `skill://${encodeURIComponent(odd)}` });
    expect(contents).toMatchObject([{ text: expect.stringContaining(odd) }]);
    const ref = { type: 'ref/resource', uri: 'skill://{id}' } as const;
    const { completion } = await client.complete({ ref, argument: { name: 'id', value: 'mu' } });
    expect(completion.values).toEqual(['mugs']);
    const task = 'Where are the mugs?';
    const { messages } = await client.getPrompt({ name: 'with_skills', arguments: { task } });
    expect(messages).toMatchObject([{ role: 'user', content: { text: expect.stringContaining('above the sink') } }]);
  });

  it('refuse what does not fit, and the server lives on', async () => {
    const { client } = await inProcess();
    for (const wrong of [{}, { query: '' }, { query: 'x', limit: 0 }, { query: 7 }]) {
      expect(await call(client, 'search_skills', wrong)).toMatchObject({ isError: true });
    }
    expect(await call(client, 'report_outcome', { episodeId: 'nowhere', success: true })).toMatchObject({
      isError: true,
      text: expect.stringContaining('EPISODE_UNKNOWN'),
    });
    expect((await call(client, 'search_skills', { query: 'mugs' })).isError).toBe(false);
  });

  it('record an episode whose success is only reported', async () => {
    const { client, memory, episodes } = await inProcess();
    const steps = [{ action: 'look in the cabinet', observation: 'a mug' }, { action: 'take the mug' }];
    const { data } = await call(client, 'record_episode', { task: 'get a mug', steps, answer: 'done', success: true });
    const episode = await episodes.episode(String(data?.['episodeId']));
    expect(episode).toMatchObject({
      end: 'terminated',
      outcome: { status: 'success', source: 'model', verified: false },
    });
    expect(episode?.steps.map(({ action }) => action)).toEqual(['look in the cabinet', 'take the mug', 'done']);
    await memory.learn();
    // A model's own report earns nothing a place in a prompt.
    const { entries } = await memory.stats();
    expect(entries.kinds.demonstration === 0 || entries.statuses.quarantined === 1).toBe(true);
  });
});

describe('over HTTP', () => {
  const tokens = { 'token-of-tenant-a-1': 'default', 'token-of-tenant-b-1': 'b' };
  const clientFor = (url: string, token: string) =>
    connected(
      new StreamableHTTPClientTransport(new URL(url), {
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      }),
    );

  it('each token sees its own tenant', async () => {
    const { memory } = await aMemory();
    const server = await serveHttp(memory, { port: 0, tokens });
    opened.push(server);
    const [a, b] = [
      await clientFor(server.url, 'token-of-tenant-a-1'),
      await clientFor(server.url, 'token-of-tenant-b-1'),
    ];
    expect((await call(a, 'search_skills', { query: 'mugs' })).data).toMatchObject({ skills: [{ id: 'mugs' }] });
    expect((await call(b, 'search_skills', { query: 'mugs' })).data).toMatchObject({ skills: [{ id: 'theirs' }] });
    expect(await call(b, 'read_skill', { id: 'mugs' })).toMatchObject({ isError: true });
    const { data } = await call(a, 'record_episode', { task: 'secret', steps: [] });
    expect(await call(b, 'report_outcome', { episodeId: data?.['episodeId'], success: true })).toMatchObject({
      isError: true,
    });
  });

  it('refuses a missing or wrong token, a session of another tenant, and a foreign host name', async () => {
    const { memory } = await aMemory();
    const server = await serveHttp(memory, { port: 0, tokens });
    opened.push(server);
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
    };
    const post = (headers: Record<string, string>) =>
      fetch(server.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers },
        body: JSON.stringify(initialize),
      });
    expect((await post({})).status).toBe(401);
    expect((await post({ Authorization: 'Bearer wrong' })).status).toBe(401);
    const mine = await post({ Authorization: 'Bearer token-of-tenant-a-1' });
    expect(mine.status).toBe(200);
    const session = mine.headers.get('mcp-session-id')!;
    await mine.text();
    expect((await post({ Authorization: 'Bearer token-of-tenant-b-1', 'Mcp-Session-Id': session })).status).toBe(404);
    expect((await fetch(server.url.replace('/mcp', '/other'))).status).toBe(404);
  });

  it('does not open the bank to the network without a token', async () => {
    const { memory } = await aMemory();
    await expect(serveHttp(memory, { host: '0.0.0.0', port: 0 })).rejects.toMatchObject({
      code: 'MCP_PUBLIC_WITHOUT_TOKEN',
    });
    await expect(serveHttp(memory, { port: 0, tokens: { short: 'a' } })).rejects.toMatchObject({
      code: 'MCP_TOKEN_SHORT',
    });
    const server = await serveHttp(memory, { port: 0 });
    opened.push(server);
    const port = Number(new URL(server.url).port);
    await expect(serveHttp(memory, { port })).rejects.toMatchObject({ code: 'MCP_CANNOT_LISTEN' });
  });
});

it('over standard input and output, as a program of its own', async () => {
  const folder = temporaryFolder();
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const client = await connected(new StdioClientTransport({ command: process.execPath, args: [main, folder] }));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['search_skills', 'read_skill', 'record_episode', 'report_outcome']);
  const { data } = await call(client, 'record_episode', {
    task: 'get a mug',
    steps: [{ action: 'look', observation: 'mug' }],
  });
  await client.close();
  await using memory = await openSkillMemory(folder);
  expect((await memory.stats()).episodes.unknown).toBe(1);
  await memory.outcome(String(data?.['episodeId']), true);
}, 30_000);

it('a token file that is none is refused before anything is opened', async () => {
  const { serve } = await import('./serve.ts');
  const tokenFile = join(temporaryFolder(), 'tokens.json');
  await expect(serve({ http: true, tokenFile })).rejects.toMatchObject({ code: 'TOKEN_FILE' });
  writeFileSync(tokenFile, '["a"]');
  await expect(serve({ http: true, tokenFile })).rejects.toMatchObject({ code: 'TOKEN_FILE' });
});
