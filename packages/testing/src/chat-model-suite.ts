import type { ChatModel, ChatRequest, ChatResponse } from '@skillrl/core';
import { afterEach, expect, it, type TestContext } from 'vitest';

export interface ChatModelSuiteOptions {
  readonly create: () => ChatModel | Promise<ChatModel>;
  /** A text the model continues with something varied. Default: a short one in English. */
  readonly prompt?: string;
  /** A prompt longer than the model's context, where it has a limit that is reached. */
  readonly tooLong?: string;
  /** Whether equal seeds give equal replies. Default `true`. */
  readonly isSeeded?: boolean;
  /** Whether the model says various things at temperature 1. Default `true`. */
  readonly isVaried?: boolean;
}

/** What every `ChatModel` must do. Call it inside a `describe` of the driver. A case that a model's capabilities rule out says so. */
export function testChatModel(options: ChatModelSuiteOptions): void {
  const { create, prompt = 'The best way to find a mug is', tooLong, isSeeded = true, isVaried = true } = options;
  const open: ChatModel[] = [];
  const opened = async (): Promise<ChatModel> => {
    const model = await create();
    open.push(model);
    return model;
  };
  afterEach(async () => {
    for (const model of open.splice(0)) await model.close?.();
  });
  const ask = (model: ChatModel, request: Partial<ChatRequest> = {}): Promise<ChatResponse> =>
    model.chat({
      prompt: model.capabilities.rawPrompt ? prompt : asMessages(prompt),
      temperature: 1,
      seed: 1,
      maxTokens: 8,
      ...request,
    });

  it('has a name', async () => {
    expect((await opened()).id).not.toBe('');
  });

  it('continues raw text, or refuses to', async () => {
    const model = await opened();
    await expectUnless(model.capabilities.rawPrompt, ask(model, { prompt }));
  });

  it('answers messages, or refuses to', async () => {
    const model = await opened();
    await expectUnless(model.capabilities.messages, ask(model, { prompt: asMessages(prompt) }));
  });

  it('counts tokens and keeps to maxTokens', async () => {
    const model = await opened();
    for (const maxTokens of [1, 3]) {
      const { promptTokens, completionTokens, finish } = await ask(model, { maxTokens });
      expect(promptTokens).toBeGreaterThan(0);
      expect(completionTokens).toBeGreaterThanOrEqual(1);
      expect(completionTokens).toBeLessThanOrEqual(maxTokens);
      expect(['stop', 'length']).toContain(finish);
    }
  });

  it('stops before a stop text, which the reply does not contain', async (context) => {
    const model = await opened();
    const { text } = await ask(model, { temperature: 0, maxTokens: 12 });
    const middle = text.slice(Math.floor(text.length / 2)).slice(0, 1);
    skipUnless(context, middle !== '', 'the model says nothing');
    const stopped = await ask(model, { temperature: 0, maxTokens: 12, stop: [middle, 'never said'] });
    expect(stopped.text).toBe(text.slice(0, text.indexOf(middle)));
    expect(stopped.finish).toBe('stop');
  });

  it('stops before a stop text that several tokens make', async () => {
    const model = await opened();
    const { text } = await ask(model, { temperature: 0, maxTokens: 12 });
    for (const start of [1, Math.floor(text.length / 3)]) {
      const long = text.slice(start, start + 7);
      if (long.length < 2) continue;
      const stopped = await ask(model, { temperature: 0, maxTokens: 12, stop: [long] });
      expect(stopped.text).toBe(text.slice(0, text.indexOf(long)));
    }
  });

  it('says when a reply ended because it was long enough', async () => {
    const { completionTokens, finish } = await ask(await opened(), { maxTokens: 2 });
    if (completionTokens === 2) expect(finish).toBe('length');
  });

  it('repeats itself when it is greedy', async () => {
    const model = await opened();
    const [first, second] = [
      await ask(model, { temperature: 0, seed: 1 }),
      await ask(model, { temperature: 0, seed: 2 }),
    ];
    expect(second.text).toBe(first.text);
  });

  it('gives equal replies to equal seeds, whatever comes between', async (context) => {
    skipUnless(context, isSeeded, 'the server does not promise it');
    const model = await opened();
    const first = await ask(model, { seed: 7 });
    await Promise.all([ask(model, { seed: 8 }), ask(model, { seed: 9, cacheKey: 'other' })]);
    const [second, third] = await Promise.all([ask(model, { seed: 7 }), ask(model, { seed: 7, cacheKey: 'kept' })]);
    expect(second.text).toBe(first.text);
    expect(third.text).toBe(first.text);
  });

  it('says other things for other seeds, and one when it is greedy', async (context) => {
    skipUnless(context, isVaried, 'the model says what it is told to');
    const model = await opened();
    const repliesAt = async (temperature: number): Promise<number> => {
      const seeds = Array.from({ length: 8 }, (_, seed) => seed);
      const replies = await Promise.all(seeds.map((seed) => ask(model, { seed, temperature, maxTokens: 4 })));
      return new Set(replies.map(({ text }) => text)).size;
    };
    expect(await repliesAt(0)).toBe(1);
    expect(await repliesAt(1)).toBeGreaterThan(1);
  });

  it('gives an id and a log-probability for each sampled token', async (context) => {
    const model = await opened();
    skipUnless(context, model.capabilities.tokens, 'the model returns no token ids');
    const { tokens, completionTokens } = await ask(model);
    expect(tokens?.completionIds).toHaveLength(completionTokens);
    expect(tokens?.logprobs).toHaveLength(completionTokens);
    expect(tokens?.logprobs.every((logprob) => logprob <= 0 && Number.isFinite(logprob))).toBe(true);
    expect(tokens?.tokenizer).not.toBe('');
  });

  it('reports the raw distribution at any temperature', async (context) => {
    const model = await opened();
    skipUnless(context, model.capabilities.tokens, 'the model returns no token ids');
    const raw = new Map<number, number>();
    for (const temperature of [0, 0.3, 1, 2]) {
      for (const seed of [1, 2, 3, 4]) {
        const { tokens } = await ask(model, { temperature, seed, maxTokens: 1 });
        const [id = -1, logprob = Number.NaN] = [tokens?.completionIds[0], tokens?.logprobs[0]];
        expect(logprob).toBeCloseTo(raw.get(id) ?? logprob, 3);
        raw.set(id, logprob);
      }
    }
    const mass = [...raw.values()].reduce((sum, logprob) => sum + Math.exp(logprob), 0);
    expect(mass).toBeLessThan(1.001);
  });

  it('tells which prompt tokens are new to a conversation', async (context) => {
    const model = await opened();
    skipUnless(context, model.capabilities.tokens && model.capabilities.rawPrompt, 'the model returns no prompt ids');
    const first = await ask(model, { cacheKey: 'a' });
    const continued = `${prompt}${first.text}\n and then\n`;
    const [second, other] = await Promise.all([
      ask(model, { prompt: continued, cacheKey: 'a' }),
      ask(model, { prompt: continued, cacheKey: 'b' }),
    ]);
    expect(first.newPromptIds).toHaveLength(first.promptTokens);
    expect(other.newPromptIds).toHaveLength(other.promptTokens);
    expect(second.newPromptIds?.length).toBeGreaterThan(0);
    expect(second.newPromptIds?.length).toBeLessThan(second.promptTokens);
    model.release?.('a');
    model.release?.('never used');
    const again = await ask(model, { prompt: continued, cacheKey: 'a' });
    expect(again.newPromptIds).toHaveLength(again.promptTokens);
  });

  it('says the same with and without a cache', async (context) => {
    const model = await opened();
    skipUnless(context, model.capabilities.rawPrompt, 'the model continues no raw text');
    const first = await ask(model, { temperature: 0, cacheKey: 'a' });
    const continued = `${prompt}${first.text}\n and then\n`;
    const [cached, fresh] = await Promise.all([
      ask(model, { prompt: continued, temperature: 0, cacheKey: 'a' }),
      ask(model, { prompt: continued, temperature: 0 }),
    ]);
    expect(cached.text).toBe(fresh.text);
  });

  it('forgets of a conversation what its prompt no longer begins with, also when many are kept', async (context) => {
    const model = await opened();
    skipUnless(context, model.capabilities.rawPrompt, 'the model continues no raw text');
    const keys = Array.from({ length: 12 }, (_, number) => `${number}`);
    const begin = (key: string): string => `${key} ${prompt} ${key}\n`;
    const greedy = (text: string, cacheKey?: string): Promise<ChatResponse> =>
      ask(model, { prompt: text, temperature: 0, cacheKey });
    await Promise.all(keys.map((key) => greedy(begin(key), key)));
    for (const key of keys) {
      const other = `${begin(key)}${prompt}`;
      expect((await greedy(other, key)).text).toBe((await greedy(other)).text);
      expect((await greedy(prompt, key)).text).toBe((await greedy(prompt)).text);
    }
  });

  it('keeps to a JSON schema, or refuses to', async () => {
    const model = await opened();
    const { rawPrompt, messages, jsonSchema } = model.capabilities;
    const jsonPrompt = messages || !rawPrompt ? asMessages(prompt) : prompt;
    const reply = ask(model, { prompt: jsonPrompt, jsonSchema: yesOrNo, maxTokens: 64, temperature: 0 });
    if (!jsonSchema) return expectRefusal(reply);
    const { text, finish } = await reply;
    expect(['yes', 'no']).toContain(JSON.parse(text));
    expect(finish).toBe('stop');
  });

  it('refuses what cannot be asked', async () => {
    const model = await opened();
    const impossible: readonly Partial<ChatRequest>[] = [
      { prompt: '' },
      { prompt: [] },
      { maxTokens: 0 },
      { maxTokens: 1.5 },
      { temperature: -1 },
      { temperature: Number.NaN },
      { stop: [''] },
      { seed: 0.5 },
    ];
    for (const request of impossible) {
      await expect(ask(model, request)).rejects.toMatchObject({
        code: expect.stringMatching(/REQUEST_INVALID|CAPABILITY_MISSING/),
      });
    }
  });

  it('refuses a prompt that does not fit, instead of cutting it', async (context) => {
    skipUnless(context, tooLong !== undefined, 'the model has no limit that a test could reach');
    const model = await opened();
    await expect(ask(model, { prompt: tooLong })).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW' });
    expect((await ask(model)).completionTokens).toBeGreaterThan(0);
  });

  it('stops when the caller gives up, and goes on with others', async () => {
    const model = await opened();
    await expect(ask(model, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    const controller = new AbortController();
    const given = ask(model, { signal: controller.signal, maxTokens: 256 });
    controller.abort();
    await expect(given).rejects.toMatchObject({ name: 'AbortError' });
    expect((await ask(model)).completionTokens).toBeGreaterThan(0);
  });

  it('refuses what comes after it was closed, and may be closed twice', async (context) => {
    const model = await opened();
    skipUnless(context, model.close !== undefined, 'the model has nothing to close');
    await ask(model, { cacheKey: 'a' });
    await model.close?.();
    await model.close?.();
    await expect(ask(model, { cacheKey: 'a' })).rejects.toMatchObject({ code: 'MODEL_CLOSED' });
  });
}

const yesOrNo = { type: 'string', enum: ['yes', 'no'] } as const;

function asMessages(content: string): ChatRequest['prompt'] {
  return [{ role: 'user', content }];
}

function skipUnless(context: TestContext, condition: boolean, reason: string): void {
  context.skip(!condition, reason);
}

async function expectUnless(isCapable: boolean, reply: Promise<ChatResponse>): Promise<void> {
  if (!isCapable) return expectRefusal(reply);
  const { text, completionTokens } = await reply;
  expect(typeof text).toBe('string');
  expect(completionTokens).toBeGreaterThan(0);
}

async function expectRefusal(reply: Promise<ChatResponse>): Promise<void> {
  await expect(reply).rejects.toMatchObject({ name: 'UnsupportedError', code: 'CAPABILITY_MISSING' });
}
