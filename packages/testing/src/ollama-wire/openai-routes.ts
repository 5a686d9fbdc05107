import { answerPrompt, makeReady, type Ready } from './answer-prompt.ts';
import { answerMessages, messagesOf } from './chat-route.ts';
import { jsonBody, plainJsonType, textOf, WireError, type Answer, type Call, type Route } from './http.ts';
import { withTag, type ModelStore, type StoredModel } from './model-store.ts';
import { wholeReply, type ReplyEnd, type ReplyPart } from './reply.ts';
import type { Runners } from './runners.ts';
import { renderTemplate } from './template.ts';

type Body = Readonly<Record<string, unknown>>;

/** What Ollama offers to programs written for OpenAI: `/v1/chat/completions`, `/v1/completions`, `/v1/models`. */
export function openAiRoutes(store: ModelStore, runners: Runners): readonly Route[] {
  return [
    { method: 'POST', path: '/v1/chat/completions', answer: (call) => chatCompletions(store, runners, call) },
    { method: 'POST', path: '/v1/completions', answer: (call) => completions(store, runners, call) },
    { method: 'GET', path: '/v1/models', answer: () => json({ object: 'list', data: store.list().map(modelObject) }) },
    {
      method: 'GET',
      path: '/v1/models/:name',
      answer({ params: { name = '' } }) {
        const model = store.find(name);
        if (model === undefined) throw new WireError(404, `model '${withTag(name)}' not found`);
        return json(modelObject(model));
      },
    },
  ];
}

async function chatCompletions(store: ModelStore, runners: Runners, call: Call): Promise<Answer> {
  const { body, model, ready } = await begin(store, runners, call);
  const schema = (body['response_format'] as { json_schema?: { schema?: unknown } } | undefined)?.json_schema?.schema;
  const request = { body: { ...body, format: schema }, signal: call.signal };
  const { parts } = await answerMessages(ready, model, messagesOf(body), request);
  const head = headOf('chatcmpl', 'chat.completion', body);
  if (body['stream'] === true) {
    const delta = (text: string): object => ({ delta: { role: 'assistant', content: text } });
    return eventStream(parts, { ...head, object: 'chat.completion.chunk' }, delta, body);
  }
  const { text, tokens, end } = await wholeReply(parts);
  const logprobs = body['logprobs'] === true ? { logprobs: { content: tokens } } : {};
  const choice = {
    index: 0,
    message: { role: 'assistant', content: text },
    finish_reason: end.reason ?? 'stop',
    ...logprobs,
  };
  return json({ ...head, choices: [choice], usage: usageOf(end) });
}

async function completions(store: ModelStore, runners: Runners, call: Call): Promise<Answer> {
  const { body, model, ready } = await begin(store, runners, call);
  const prompt = renderTemplate(model.template, { System: model.system, Prompt: textOf(body, 'prompt'), Response: '' });
  // `logprobs` and `echo` are ignored here, as in the original.
  const { parts } = await answerPrompt(ready, prompt, { body: {}, signal: call.signal });
  const head = headOf('cmpl', 'text_completion', body);
  if (body['stream'] === true) return eventStream(parts, head, (text) => ({ text }), body);
  const { text, end } = await wholeReply(parts);
  return json({ ...head, choices: [{ text, index: 0, finish_reason: end.reason ?? 'stop' }], usage: usageOf(end) });
}

async function begin(
  store: ModelStore,
  runners: Runners,
  call: Call,
): Promise<{ readonly body: Body; readonly model: StoredModel; readonly ready: Ready }> {
  const body = jsonBody(call);
  const name = textOf(body, 'model');
  const model = store.find(name);
  if (model === undefined) throw new WireError(404, `model '${name}' not found`);
  const options = {
    num_predict: body['max_tokens'],
    seed: body['seed'],
    stop: body['stop'],
    // OpenAI's defaults, not those of the model.
    temperature: body['temperature'] ?? 1,
    top_p: body['top_p'] ?? 1,
  };
  return { body, model, ready: await makeReady(runners, model, options) };
}

/** Server-sent events. Each tells a usage of zero when usage is asked for; the true one comes last, without a choice. */
function eventStream(
  parts: AsyncGenerator<ReplyPart, ReplyEnd>,
  head: object,
  choiceOf: (text: string) => object,
  body: Body,
): Answer {
  const showsUsage = (body['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true;
  const usage = showsUsage ? { usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } } : {};
  const event = (value: unknown): string => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
  const chunk = (text: string, finish_reason: string | null): string =>
    event({ ...head, choices: [{ ...choiceOf(text), index: 0, finish_reason }], ...usage });

  async function* lines(): AsyncIterable<string> {
    for (;;) {
      const { done, value } = await parts.next();
      if (done !== true) {
        yield chunk(value.text, null);
        continue;
      }
      yield chunk('', value.reason ?? 'stop');
      if (showsUsage) yield event({ ...head, choices: [], usage: usageOf(value) });
      yield event('[DONE]');
      return;
    }
  }
  return { contentType: 'text/event-stream', lines: lines() };
}

function headOf(prefix: string, object: string, body: Body): object {
  const id = `${prefix}-${Math.floor(Math.random() * 999)}`;
  return { id, object, created: seconds(new Date()), model: textOf(body, 'model'), system_fingerprint: 'fp_ollama' };
}

function usageOf({ promptTokens, completionIds }: ReplyEnd): object {
  const completion = completionIds.length;
  return { prompt_tokens: promptTokens, completion_tokens: completion, total_tokens: promptTokens + completion };
}

function modelObject({ name, modifiedAt }: StoredModel): object {
  return { id: name, object: 'model', created: seconds(modifiedAt), owned_by: 'library' };
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

function json(body: unknown): Answer {
  return { status: 200, contentType: plainJsonType, body };
}
