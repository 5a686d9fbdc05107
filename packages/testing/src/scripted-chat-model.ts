import {
  InputError,
  ModelError,
  UnsupportedError,
  type ChatModel,
  type ChatRequest,
  type ChatResponse,
  type ModelCapabilities,
} from '@skillrl/core';

/** A reply to give: its text, more of the response, an error to throw, or what to make of the request. */
export type ScriptedReply =
  | string
  | Partial<ChatResponse>
  | Error
  | ((request: ChatRequest) => string | Partial<ChatResponse>);

export interface ScriptedChatModel extends ChatModel {
  /** Every request that got a reply, oldest first. */
  readonly requests: readonly ChatRequest[];
}

export interface ScriptedChatModelOptions {
  /** Default `scripted`. */
  readonly id?: string;
  /** Default: everything but tokens. */
  readonly capabilities?: Partial<ModelCapabilities>;
}

/**
 * A model that says what it is told to, for tests. A token is a word with the blanks before it. Stop texts and `maxTokens` are kept,
 * and what the capabilities rule out is refused.
 *
 * @param replies - one a request, in order; or one function that answers every request.
 * @throws on a request {ModelError} `SCRIPT_ENDED` when there is no reply left.
 */
export function scriptedChatModel(
  replies: readonly ScriptedReply[] | ((request: ChatRequest) => string | Partial<ChatResponse>),
  options: ScriptedChatModelOptions = {},
): ScriptedChatModel {
  const { id = 'scripted' } = options;
  const requests: ChatRequest[] = [];
  let isClosed = false;
  const model: ScriptedChatModel = {
    id,
    capabilities: { tokens: false, rawPrompt: true, messages: true, jsonSchema: true, ...options.capabilities },
    requests,
    async chat(request) {
      // A server's reply never comes within the caller's own turn.
      await Promise.resolve();
      request.signal?.throwIfAborted();
      if (isClosed) throw new ModelError({ code: 'MODEL_CLOSED', message: `The model '${id}' was closed.` });
      refuse(model, request);
      const reply = typeof replies === 'function' ? replies : replies[requests.length];
      requests.push(request);
      if (reply === undefined) {
        throw new ModelError({
          code: 'SCRIPT_ENDED',
          message: `The script of '${id}' has no reply number ${requests.length}.`,
        });
      }
      if (reply instanceof Error) throw reply;
      const said = typeof reply === 'function' ? reply(request) : reply;
      return response(request, typeof said === 'string' ? { text: said } : said);
    },
    release() {},
    async close() {
      isClosed = true;
    },
  };
  return model;
}

function response(request: ChatRequest, said: Partial<ChatResponse>): ChatResponse {
  const { maxTokens = 512, stop = [] } = request;
  const whole = said.text ?? '';
  const stops = stop.map((end) => whole.indexOf(end)).filter((place) => place !== -1);
  const words = tokens(stops.length === 0 ? whole : whole.slice(0, Math.min(...stops)));
  const isCut = words.length > maxTokens;
  return {
    finish: isCut ? 'length' : 'stop',
    promptTokens: tokens(promptText(request)).length,
    completionTokens: Math.min(Math.max(words.length, 1), maxTokens),
    ...said,
    text: words.slice(0, maxTokens).join(''),
  };
}

function refuse({ id, capabilities }: ChatModel, { prompt, jsonSchema, ...request }: ChatRequest): void {
  const { maxTokens = 1, temperature = 0, stop = [], seed = 0 } = request;
  const areNumbersPossible =
    Number.isInteger(maxTokens) &&
    maxTokens >= 1 &&
    temperature >= 0 &&
    Number.isFinite(temperature) &&
    Number.isInteger(seed);
  if (prompt.length === 0 || stop.includes('') || !areNumbersPossible) {
    throw new InputError({
      code: 'REQUEST_INVALID',
      message: 'The prompt or a stop text is empty, or maxTokens, temperature or seed is no such number.',
    });
  }
  const missing =
    typeof prompt === 'string'
      ? !capabilities.rawPrompt && 'continue raw text'
      : !capabilities.messages && 'take a list of messages';
  const cannot = missing || (jsonSchema !== undefined && !capabilities.jsonSchema && 'keep to a JSON schema');
  if (cannot)
    throw new UnsupportedError('model', { code: 'CAPABILITY_MISSING', message: `The model '${id}' cannot ${cannot}.` });
}

function promptText({ prompt }: ChatRequest): string {
  return typeof prompt === 'string' ? prompt : prompt.map(({ content }) => content).join('\n');
}

function tokens(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}
