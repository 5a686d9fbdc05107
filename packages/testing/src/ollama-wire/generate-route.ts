import { answerPrompt, finalFields, makeReady, type Answered } from './answer-prompt.ts';
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
import { renderTemplate } from './template.ts';

/** `POST /api/generate` */
export function generateRoute(store: ModelStore, runners: Runners): Route {
  return { method: 'POST', path: '/api/generate', answer: (call) => generate(store, runners, call) };
}

async function generate(store: ModelStore, runners: Runners, call: Call): Promise<Answer> {
  const body = jsonBody(call);
  const name = textOf(body, 'model');
  const model = store.find(name);
  if (model === undefined) throw new WireError(404, `model '${name}' not found`);
  const isRaw = body['raw'] === true;
  if (isRaw && ['template', 'system', 'context'].some((key) => key in body)) {
    throw new WireError(400, 'raw mode does not support template, system, or context');
  }
  const head = (): object => ({ model: name, created_at: new Date().toISOString() });
  const prompt = textOf(body, 'prompt');
  if (prompt === '') return loadOrUnload(runners, model, body, head);

  const ready = await makeReady(runners, model, body['options']);
  const text = isRaw ? prompt : rendered(model, body, prompt);
  const answered = await answerPrompt(ready, text, { body, signal: call.signal });
  const showsTokens = body['logprobs'] === true;
  if (body['stream'] !== false) {
    return {
      contentType: linesType,
      lines: jsonLines(lines(answered, { head, loadNs: ready.loadNs, isRaw, showsTokens })),
    };
  }
  const { text: response, tokens, end } = await wholeReply(answered.parts);
  return {
    status: 200,
    contentType: jsonType,
    body: {
      ...head(),
      response,
      done: end.reason !== undefined,
      ...finalFields(end, ready.loadNs),
      ...(isRaw || end.reason === undefined ? {} : { context: [...answered.promptIds, ...end.completionIds] }),
      ...(showsTokens ? { logprobs: tokens } : {}),
    },
  };
}

interface LineOptions {
  readonly head: () => object;
  readonly loadNs: number;
  readonly isRaw: boolean;
  readonly showsTokens: boolean;
}

async function* lines(
  { parts, promptIds }: Answered,
  { head, loadNs, isRaw, showsTokens }: LineOptions,
): AsyncIterable<object> {
  for (;;) {
    const { done, value } = await parts.next();
    if (done !== true) {
      yield { ...head(), response: value.text, done: false, ...(showsTokens ? { logprobs: value.tokens } : {}) };
      continue;
    }
    if (value.reason === undefined) return;
    const context = isRaw ? {} : { context: [...promptIds, ...value.completionIds] };
    yield { ...head(), response: '', done: true, ...finalFields(value, loadNs), ...context };
    return;
  }
}

function rendered(model: StoredModel, body: Readonly<Record<string, unknown>>, prompt: string): string {
  const template = textOf(body, 'template') || model.template;
  const System = textOf(body, 'system') || model.system;
  return renderTemplate(template, { System, Prompt: prompt, Response: '' });
}

/** A request without a prompt loads the model, or unloads it when it is to be kept for no time. */
async function loadOrUnload(
  runners: Runners,
  model: StoredModel,
  body: Readonly<Record<string, unknown>>,
  head: () => object,
): Promise<Answer> {
  const isUnload = body['keep_alive'] === 0;
  if (isUnload) await runners.unload(model);
  else await makeReady(runners, model, body['options']);
  const reply = { ...head(), response: '', done: true, done_reason: isUnload ? 'unload' : 'load' };
  return { status: 200, contentType: jsonType, body: reply };
}
