import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { UnsupportedError, type ChatRequest } from '@skillrl/core';
import { describeWith, requirement } from '@skillrl/testing';
import { afterEach, expect, it } from 'vitest';

import type { ByteTokenizer } from './byte-tokenizer.ts';
import { ollama } from './ollama.ts';
import { openaiCompatible } from './openai-compatible.ts';

/** What a real Ollama answered: see the data's own note. */
interface Recorded {
  readonly label: string;
  readonly response: { readonly status: number; readonly body: unknown };
}

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

const raw: ChatRequest = { prompt: ' go to', maxTokens: 60, temperature: 0 };
const said: ChatRequest = { ...raw, prompt: [{ role: 'user', content: 'go to desk 1' }] };

describeWith(requirement('data', { part: 'ollama/generate.json' }), 'on recorded answers', (path) => {
  const answers = (file: string): Recorded[] =>
    JSON.parse(readFileSync(path.replace('generate.json', `${file}.json`), 'utf8')) as Recorded[];

  /** A server that gives one recorded answer: a stream as its lines, anything else as one line. */
  async function serving(file: string, label: string): Promise<string> {
    const { status, body } = answers(file).find((each) => each.label === label)!.response;
    const server = createServer((request, response) => {
      request.resume();
      const lines = (Array.isArray(body) ? body : [body]).map((line) => `${JSON.stringify(line)}\n`);
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(lines.join(''));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => server.close().closeAllConnections());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const asking = async (file: string, label: string, request: ChatRequest, tokenizer?: ByteTokenizer) =>
    ollama({ model: 'policy', host: await serving(file, label), tokenizer }).chat(request);

  it.each([
    ['generate', 'raw v1 (warm)', raw, ' coffeemachine 1\n mug 1\n> take mug 1 from coffeemachine', 'length', 12],
    ['generate', 'raw v1 stream', raw, ' coffeemachine 1\n mug 1\n> take mug 1 from coffeemachine', 'length', 12],
    ['generate', 'stop', raw, ' coffeemachine 1', 'stop', 3],
    ['chat', 'chat tmpl stream', said, ' go to garbagecan 1', 'length', 4],
  ])('reads %s, %s', async (file, label, request, text, finish, completionTokens) => {
    const reply = await asking(file, label, request);
    expect(reply).toMatchObject({ text, finish, completionTokens });
    expect(reply.promptTokens).toBeGreaterThan(0);
  });

  it.each([
    ['generate', 'logprobs stream', raw],
    ['chat', 'chat logprobs', said],
  ])('maps the bytes of %s, %s, to ids, with their log-probabilities', async (file, label, request) => {
    const reply = await asking(file, label, request, byLength);
    expect(reply.tokens?.completionIds).toEqual(reply.text.match(/ \w+/g)?.map((word) => word.length));
    expect(reply.tokens?.logprobs).toHaveLength(2);
    expect(reply.tokens?.logprobs.every((value) => value <= 0 && value > -10)).toBe(true);
  });

  it('refuses to give ids where the server names no tokens', async () => {
    const reply = asking('chat', 'chat tmpl stream', said, byLength);
    await expect(reply).rejects.toThrow(UnsupportedError);
    await expect(reply).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
  });

  it('does not take a reply for whole that says done: false', async () => {
    const reply = asking('generate', 'format json', { ...raw, jsonSchema: {} });
    await expect(reply).rejects.toMatchObject({ code: 'REPLY_INCOMPLETE', retryable: true });
  });

  it('says that a reply under a schema ran out of tokens, blanks as it may be', async () => {
    const reply = await asking('generate', 'format schema', { ...raw, jsonSchema: {} });
    expect(reply).toMatchObject({ finish: 'length', completionTokens: 60 });
    expect(() => JSON.parse(reply.text) as unknown).toThrow(SyntaxError);
  });

  it.each([
    ['generate', 'missing model', raw, 'MODEL_MISSING'],
    ['generate', 'missing model stream', raw, 'MODEL_MISSING'],
    ['chat', 'chat missing', said, 'MODEL_MISSING'],
    ['overflow', 'truncate:false', raw, 'CONTEXT_OVERFLOW'],
    ['overflow', 'shift:false', raw, 'CONTEXT_OVERFLOW'],
    ['overflow', 'truncate:false shift:false', raw, 'CONTEXT_OVERFLOW'],
    ['overflow', 'chat long truncate:false', said, 'CONTEXT_OVERFLOW'],
    ['generate', 'format bad', raw, 'OLLAMA_FAILED'],
    ['generate', 'format bad schema', raw, 'OLLAMA_FAILED'],
    ['generate', 'wrong-typed option', raw, 'OLLAMA_FAILED'],
    ['chat', 'chat tools', said, 'CAPABILITY_MISSING'],
  ])('explains %s, %s', async (file, label, request, code) => {
    await expect(asking(file, label, request)).rejects.toMatchObject({ code });
  });

  it.each([
    ['v1_chat', 'json_schema', said],
    ['v1_chat', 'logprobs', said],
    ['v1_completions', 'logprobs 3', raw],
  ])("reads %s, %s, of Ollama's OpenAI interface", async (file, label, request) => {
    const baseUrl = `${await serving(file, label)}/v1`;
    const reply = await openaiCompatible({ model: 'policy', baseUrl }).chat(request);
    expect(reply.text).not.toBe('');
    expect(reply.promptTokens).toBeGreaterThan(0);
    expect(reply.completionTokens).toBeGreaterThan(0);
  });

  it("explains a missing model of Ollama's OpenAI interface", async () => {
    const baseUrl = `${await serving('v1_completions', 'missing')}/v1`;
    await expect(openaiCompatible({ model: 'nosuch', baseUrl }).chat(raw)).rejects.toMatchObject({
      code: 'MODEL_MISSING',
    });
  });
});

/** A vocabulary in which a word's id is its length. The recorded prompt has 14 tokens. */
const byLength: ByteTokenizer = {
  id: 'lengths',
  idOf: ({ length }) => length,
  encode: () => Array.from({ length: 14 }, () => 0),
};
