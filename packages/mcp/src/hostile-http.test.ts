import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';

import { createMemory, type Memory } from '@skillrl/memory';
import { memoryEntryStore, memoryEpisodeStore } from '@skillrl/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { allowedNames, isLoopback } from './http-access.ts';
import { serveHttp, type ServeHttpOptions } from './serve-http.ts';

const tokens = { 'token-of-tenant-a-1': 'a', 'token-of-tenant-b-1': 'b' };
const [tokenA, tokenB] = Object.keys(tokens) as [string, string];

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function serving(options: ServeHttpOptions = {}, memory: Memory = aMemory()) {
  const server = await serveHttp(memory, { port: 0, ...options });
  opened.push(server);
  return new URL(server.url);
}

function aMemory(): Memory {
  return createMemory({ episodes: memoryEpisodeStore(), entries: memoryEntryStore() });
}

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly session: string | undefined;
}

/** A raw request: `fetch` sets some headers itself. */
function send(
  url: URL,
  body: string,
  headers: Record<string, string> = {},
  { method = 'POST', path = url.pathname } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const common = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };
    const sent = httpRequest(url, { method, path, headers: { ...common, ...headers } }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('close', () => {
        resolve({
          status: response.statusCode ?? 0,
          text,
          session: response.headers['mcp-session-id'] as string | undefined,
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const begin = (url: URL, token?: string) =>
  send(url, JSON.stringify(initialize), token === undefined ? {} : { Authorization: `Bearer ${token}` });

const call = (url: URL, session: string, name: string, given: object, headers: Record<string, string> = {}) =>
  send(url, JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name, arguments: given } }), {
    'Mcp-Session-Id': session,
    'Mcp-Protocol-Version': '2025-06-18',
    ...headers,
  });

describe('names under which the server may be called', () => {
  it('are those of this machine, and no name that only looks like one', () => {
    for (const name of ['localhost', '127.0.0.1', '127.9.9.9', '::1']) expect(isLoopback(name)).toBe(true);
    for (const name of ['127.example.com', '127.0.0.1.example.com', 'localhost.example.com', '0.0.0.0', ''])
      expect(isLoopback(name)).toBe(false);
  });

  it('are all on all addresses, unless some are given', () => {
    expect(allowedNames('0.0.0.0', [])('bank.example.com')).toBe(true);
    const given = allowedNames('0.0.0.0', ['Bank.example.com']);
    expect([given('bank.EXAMPLE.com'), given('other.example.com')]).toEqual([true, false]);
  });

  it.each([
    ['Host', '127.example.com:80'],
    ['Host', 'evil.example.com'],
    ['Host', 'localhost.example.com:7333'],
    ['Origin', 'http://evil.example.com'],
    ['Origin', 'http://127.example.com'],
    ['Origin', 'null'],
    ['Origin', 'file://'],
  ])('refuse %s %s', async (header, value) => {
    const url = await serving();
    expect(await send(url, JSON.stringify(initialize), { [header]: value })).toMatchObject({ status: 403 });
  });

  it.each([
    ['Host', 'LOCALHOST:1'],
    ['Host', '[::1]:7333'],
    ['Origin', 'http://localhost:6274'],
    ['Origin', 'http://[::1]:6274'],
  ])('let %s %s in', async (header, value) => {
    const url = await serving();
    expect(await send(url, JSON.stringify(initialize), { [header]: value })).toMatchObject({ status: 200 });
  });
});

describe('sessions', () => {
  it('of another tenant are as good as none, for every method', async () => {
    const url = await serving({ tokens });
    const { session = '' } = await begin(url, tokenA);
    for (const method of ['POST', 'GET', 'DELETE']) {
      const headers = { Authorization: `Bearer ${tokenB}`, 'Mcp-Session-Id': session };
      expect(await send(url, method === 'POST' ? '{}' : '', headers, { method })).toMatchObject({ status: 404 });
    }
    const mine = await call(url, session, 'search_skills', { query: 'x' }, { Authorization: `Bearer ${tokenA}` });
    expect(mine.status).toBe(200);
  });

  it('need their token at every request, however it is written', async () => {
    const url = await serving({ tokens });
    const { session = '' } = await begin(url, tokenA);
    for (const value of ['', 'Bearer', 'Bearer ', `Basic ${tokenA}`, tokenA, `Bearer ${tokenA}x`, `Bearer ${tokenA} x`])
      expect((await call(url, session, 'search_skills', { query: 'x' }, { Authorization: value })).status).toBe(401);
    expect(
      (await call(url, session, 'search_skills', { query: 'x' }, { Authorization: `bearer ${tokenA}` })).status,
    ).toBe(200);
  });

  it('of one tenant do not cost another its own', async () => {
    const url = await serving({ tokens, mostSessions: 3 });
    const { session: ofB = '' } = await begin(url, tokenB);
    const ofA: string[] = [];
    for (let count = 0; count < 10; count += 1) ofA.push((await begin(url, tokenA)).session ?? '');
    const statuses = async (token: string, sessions: readonly string[]) =>
      Promise.all(
        sessions.map(
          async (session) =>
            (await call(url, session, 'search_skills', { query: 'x' }, { Authorization: `Bearer ${token}` })).status,
        ),
      );
    expect(await statuses(tokenB, [ofB])).toEqual([200]);
    expect(await statuses(tokenA, ofA)).toEqual([...Array.from({ length: 7 }, () => 404), 200, 200, 200]);
  });

  it('that were silent are closed when another begins', async () => {
    const url = await serving({ idleMs: 0 });
    const { session = '' } = await begin(url);
    await begin(url);
    expect((await call(url, session, 'search_skills', { query: 'x' })).status).toBe(404);
  });

  it('do not begin with anything but initialize, and nothing is left of the attempt', async () => {
    const url = await serving();
    const wrong = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect(await send(url, JSON.stringify(wrong))).toMatchObject({ status: 400, session: undefined });
    expect(await send(url, '', {}, { method: 'GET' })).toMatchObject({ status: 400 });
    expect(await send(url, '', {}, { method: 'PUT' })).toMatchObject({ status: 400 });
  });
});

describe('requests', () => {
  it.each(['{', '', 'null', '[]', '7', '{"jsonrpc":"1.0"}', '\u0000', '['.repeat(100_000)])(
    'that are no message are refused (%#)',
    async (body) => {
      const url = await serving();
      expect((await send(url, body)).status).toBe(400);
      expect((await begin(url)).status).toBe(200);
    },
  );

  it('that are too long are refused, with their length said or not', async () => {
    const url = await serving();
    const long = JSON.stringify({ ...initialize, params: { padding: 'x'.repeat(5 * 1024 * 1024) } });
    const answers = await Promise.allSettled([send(url, long), send(url, long, { 'Transfer-Encoding': 'chunked' })]);
    // The server may hang up while the client is still sending.
    for (const answer of answers) if (answer.status === 'fulfilled') expect(answer.value.status).toBe(413);
    expect((await begin(url)).status).toBe(200);
  });

  it('of a protocol that is not known are refused', async () => {
    const url = await serving();
    const { session = '' } = await begin(url);
    const old = await call(url, session, 'search_skills', { query: 'x' }, { 'Mcp-Protocol-Version': '1999-01-01' });
    expect(old.status).toBe(400);
  });

  it.each(['//', '/mcp/', '/MCP', '/mcp/../mcp', 'http://[', '*'])('for %s find nothing', async (path) => {
    const url = await serving();
    expect((await send(url, '{}', {}, { path })).status).toBe(404);
  });

  it('that break off or are no HTTP do not stop the server', async () => {
    const url = await serving();
    for (const text of [
      'GET',
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{',
      '\u0000\u0001',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(url.port), url.hostname, () => socket.write(text, () => socket.destroy()));
        socket.on('close', () => resolve());
      });
    }
    expect((await begin(url)).status).toBe(200);
  });
});

it('what breaks in us is told to the log, and to a client without its details', async () => {
  const onError = vi.fn();
  const broken = (): Promise<never> => Promise.reject(new Error('SQLITE_CANTOPEN: /home/someone/.skillrl/bank.db'));
  const memory = { ...aMemory(), search: broken, entry: broken, outcome: broken };
  const url = await serving({ onError }, { ...memory, inNamespace: () => memory });
  const { session = '' } = await begin(url);
  const calls = [
    await call(url, session, 'search_skills', { query: 'x' }),
    await call(url, session, 'read_skill', { id: 'x' }),
    await call(url, session, 'report_outcome', { episodeId: 'x', success: true }),
    await send(url, JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'resources/read', params: { uri: 'skill://x' } }), {
      'Mcp-Session-Id': session,
    }),
  ];
  for (const { text } of calls) {
    expect(text).toContain('its log says why');
    expect(text).not.toMatch(/someone|SQLITE/);
  }
  expect(onError).toHaveBeenCalledTimes(calls.length);
});
