import { answerPrompt, finalFields, makeReady, type Answered, type Ready } from './answer-prompt.ts';
import { fitMessages } from './fit-prompt.ts';
import {
  jsonBody,
  jsonLines,
  jsonType,
  linesType,
  textOf,
  WireError,
  type Answer,
  type Call,
  type Route,
} from './http.ts';
import type { ModelStore, StoredModel } from './model-store.ts';
import { wholeReply } from './reply.ts';
import type { Runners } from './runners.ts';
import { chatMl, renderConversation } from './template.ts';

export interface WireMessage {
  readonly role: string;
  readonly content: string;
}

/** `POST /api/chat` */
export function chatRoute(store: ModelStore, runners: Runners): Route {
  return { method: 'POST', path: '/api/chat', answer: (call) => chat(store, runners, call) };
}

async function chat(store: ModelStore, runners: Runners, call: Call): Promise<Answer> {
  const body = jsonBody(call);
  const name = textOf(body, 'model');
  const model = store.find(name);
  if (model === undefined) throw new WireError(404, `model '${name}' not found`);
  if (Array.isArray(body['tools']) && body['tools'].length > 0) {
    throw new WireError(400, `registry.invalid/library/${model.name} does not support tools`);
  }
  const ready = await makeReady(runners, model, body['options']);
  const answered = await answerMessages(ready, model, messagesOf(body), { body, signal: call.signal });
  const head = (): object => ({ model: name, created_at: new Date().toISOString() });
  const showsTokens = body['logprobs'] === true;
  if (body['stream'] !== false) {
    return { contentType: linesType, lines: jsonLines(lines(answered, { head, loadNs: ready.loadNs, showsTokens })) };
  }
  const { text, tokens, end } = await wholeReply(answered.parts);
  return {
    status: 200,
    contentType: jsonType,
    body: {
      ...head(),
      message: { role: 'assistant', content: text },
      done: end.reason !== undefined,
      ...finalFields(end, ready.loadNs),
      ...(showsTokens ? { logprobs: tokens } : {}),
    },
  };
}

/** Continues a conversation in the model's template, ChatML where it has none. Old messages are dropped when there is no room. */
export function answerMessages(
  ready: Ready,
  model: StoredModel,
  messages: readonly WireMessage[],
  request: { readonly body: Readonly<Record<string, unknown>>; readonly signal: AbortSignal },
): Promise<Answered> {
  const template = model.hasTemplate ? model.template : chatMl;
  const render = (kept: readonly WireMessage[]): string => renderConversation(template, kept, model.system);
  const count = (kept: readonly WireMessage[]): number => ready.engine.tokenize(render(kept)).length;
  const kept = request.body['truncate'] === false ? messages : fitMessages(messages, ready.contextSize, count);
  return answerPrompt(ready, render(kept), request);
}

export function messagesOf(body: Readonly<Record<string, unknown>>): readonly WireMessage[] {
  return Array.isArray(body['messages']) ? (body['messages'] as WireMessage[]) : [];
}

interface LineOptions {
  readonly head: () => object;
  readonly loadNs: number;
  readonly showsTokens: boolean;
}

async function* lines({ parts }: Answered, { head, loadNs, showsTokens }: LineOptions): AsyncIterable<object> {
  for (;;) {
    const { done, value } = await parts.next();
    if (done !== true) {
      const message = { role: 'assistant', content: value.text };
      yield { ...head(), message, done: false, ...(showsTokens ? { logprobs: value.tokens } : {}) };
      continue;
    }
    if (value.reason !== undefined) {
      yield { ...head(), message: { role: 'assistant', content: '' }, done: true, ...finalFields(value, loadNs) };
    }
    return;
  }
}
