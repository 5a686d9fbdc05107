import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { describeWith, requirement } from '../requirement.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { writeTinyAdapter, writeTinyModel } from '../tiny-model.ts';
import { differences, type Difference } from './differences.ts';
import { startOllamaWireServer, type OllamaWireServer } from './start-ollama-wire-server.ts';

// Walks through all requests that were recorded from a real Ollama, in one order that makes sense, and compares the answers.

interface Pair {
  readonly label: string;
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly response: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly error?: string;
  };
}

/** Every file, and of those that must be interleaved with others, which labels. */
const walk: readonly (readonly [file: string, ...labels: string[]])[] = [
  ['version'],
  ['tags', 'empty'],
  ['blobs'],
  ['create'],
  ['create_adapters'],
  ['tags', 'list'],
  ['v1_models'],
  ['show'],
  ['generate', '*'],
  ['chat'],
  ['v1_chat'],
  ['v1_completions'],
  ['embed'],
  ['ps'],
  ['copy'],
  ['delete'],
  ['generate', 'after alias deleted', 'unload keep_alive 0', 'client abort nonstream'],
  ['overflow'],
];

/** Keys whose values depend on the weights, the vocabulary, the file, the clock or chance. Their presence and type are compared. */
const valueMayDiffer = {
  weights: ['response', 'content', 'text', 'token', 'logprob', 'bytes'],
  vocabulary: ['context', 'prompt_eval_count', 'prompt_tokens', 'total_tokens'],
  file: ['size', 'digest', 'parameter_size', 'embedding_length', 'shape', 'tensors', 'model_info', 'context_length'],
  clock: ['created_at', 'modified_at', 'expires_at', 'created', 'duration'],
  chance: ['id'],
} as const;

/** What else may differ in single answers, and why. */
const exceptions: Readonly<Record<string, { readonly why: string; readonly keys: readonly string[] }>> = {
  'generate/stop': { why: 'whether a line break is said before num_predict', keys: ['done_reason', 'eval_count'] },
  'generate/format json': { why: 'this model does not repeat a line break until it is broken off', keys: ['*'] },
  'generate/format schema': { why: 'how much room the blanks take', keys: ['done_reason', 'eval_count'] },
  'generate/format schema enum actions + logprobs': { why: 'which of two actions is likelier', keys: ['eval_count'] },
  'v1_chat/json_schema': { why: 'how much room the blanks take', keys: ['finish_reason', 'completion_tokens'] },
  'create/from missing': { why: 'the name server of the machine it was recorded on', keys: ['error'] },
  'overflow/generate past ctx shift:false': {
    why: 'the prompt has another number of tokens, so the rest has',
    keys: ['eval_count'],
  },
  'overflow/chat long truncate:false': { why: "the template's words are other tokens", keys: ['error'] },
  'tags/list': { why: 'models of other labels are there too', keys: ['name', 'model', 'families', 'parent_model'] },
  'ps/ps': { why: 'which models are loaded', keys: ['name', 'model', 'families', 'parent_model'] },
  'ps/after num_ctx changes': { why: 'which models are loaded', keys: ['name', 'model', 'families', 'parent_model'] },
  'ps/NUM_PARALLEL=4': { why: 'which models are loaded', keys: ['name', 'model', 'families', 'parent_model'] },
};

/** Answers whose number of prompt tokens does not depend on the vocabulary: it is what a cut leaves. */
const exactPromptTokens = ['long prompt default', 'num_keep 8', 'num_ctx over train (4096)', 'chat long default'];

describeWith(requirement('data', { part: 'ollama' }), 'the Ollama-wire server answers as recorded', (folder) => {
  let server: OllamaWireServer;
  let files: Readonly<Record<string, Buffer>>;
  let substitute: (text: string) => string;

  beforeAll(async () => {
    const place = temporaryFolder();
    writeTinyModel(join(place, 'v1.gguf'), { weights: 'q8_0', seed: 1 });
    writeTinyModel(join(place, 'v2.gguf'), { weights: 'q8_0', seed: 2 });
    writeTinyAdapter(join(place, 'lora.gguf'));
    files = {
      [recordedDigest.v1]: readFileSync(join(place, 'v1.gguf')),
      [recordedDigest.v2]: readFileSync(join(place, 'v2.gguf')),
      [recordedDigest.lora]: readFileSync(join(place, 'lora.gguf')),
      [recordedDigest.junk]: Buffer.from('junk '.repeat(168)),
    };
    const ours = Object.entries(files).map(
      ([digest, bytes]) => [digest, createHash('sha256').update(bytes).digest('hex')] as const,
    );
    substitute = (text) => ours.reduce((done, [theirs, own]) => done.replaceAll(theirs, own), text);
    server = await startOllamaWireServer();
  });
  afterAll(() => server.close());

  for (const [file, pair] of pairsInOrder(folder)) {
    it(`${file}: ${pair.label}`, async () => {
      const { method, path } = pair.request;
      const body = requestBody(pair);
      const send = (signal?: AbortSignal): Promise<Response> =>
        fetch(server.url + substitute(path), {
          method,
          body: method === 'GET' || method === 'HEAD' ? undefined : body,
          signal,
        });

      if (pair.response.error !== undefined) {
        // The one ends after 900 tokens, the others never.
        const patienceMs = pair.label === 'client abort nonstream' ? 15 : 250;
        await expect(send(AbortSignal.timeout(patienceMs)).then((response) => response.text())).rejects.toThrow(
          /abort/i,
        );
        return;
      }
      const response = await send();
      const { status, headers = {}, body: recorded } = pair.response;
      const exception = exceptions[`${file}/${pair.label}`]?.keys ?? [];
      expect(response.status).toBe(status);
      expect(response.headers.get('content-type')).toBe(headers['content-type'] ?? null);
      if (exception.includes('*')) return;
      const found = differences(
        JSON.parse(substitute(JSON.stringify(recorded ?? ''))),
        parsed(await response.text(), headers),
      );
      expect(found.filter((difference) => !isAllowed(difference, exception))).toEqual([]);
      if (exactPromptTokens.includes(pair.label)) {
        expect(found.filter(({ path: where }) => where.endsWith('prompt_eval_count'))).toEqual([]);
      }
    });
  }

  function requestBody({ request, label }: Pair): string | Uint8Array<ArrayBuffer> | undefined {
    const { body, path } = request;
    if (typeof body === 'string' && body.endsWith('raw bytes>')) {
      if (label === 'bad json') return '{"model":';
      const digest = path.split('sha256:')[1] ?? '';
      return new Uint8Array(
        label === 'no body' ? Buffer.alloc(0) : (files[digest] ?? files[recordedDigest.v1] ?? Buffer.alloc(0)),
      );
    }
    return body === undefined ? undefined : substitute(JSON.stringify(restored(body)));
  }
});

const recordedDigest = {
  v1: 'c99e800714fc97fdf1b3ab87060c3ec76ed5e088ff511e8141abd9ea5c593319',
  v2: '6e828b3ab4e787f13e7b0edb0fdf98f30b07cdacd7a1586a91991588155cb6c7',
  lora: 'a612677dca79ac04fa07890d28af8466f412dd303763bef16d0ab178853ca42a',
  junk: '441893882c6bc5fc70aa9ff7ab58f7921890a3d9f1b3aba19fb725a338ba32d0',
} as const;

function pairsInOrder(folder: string): (readonly [file: string, pair: Pair])[] {
  const named = new Set(walk.flatMap(([file, ...labels]) => labels.map((label) => `${file}/${label}`)));
  return walk.flatMap(([file, ...labels]) => {
    const pairs = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as Pair[];
    const isWanted = (label: string): boolean =>
      labels.length === 0 || labels.includes(label) || (labels.includes('*') && !named.has(`${file}/${label}`));
    return pairs.filter(({ label }) => isWanted(label)).map((pair) => [file, pair] as const);
  });
}

/** Long texts and lists were shortened in the records. */
function restored(value: unknown): unknown {
  if (typeof value === 'string') {
    const [, length] = /…\((\d+) chars\)$/.exec(value) ?? [];
    return length === undefined ? value : ' go to desk 1'.repeat(Number(length) / ' go to desk 1'.length);
  }
  if (Array.isArray(value)) {
    const [, count] = /^…\((\d+) items\)$/.exec(String(value.at(-1))) ?? [];
    const items = value.slice(0, count === undefined ? value.length : -1).map(restored);
    return Array.from({ length: Number(count ?? items.length) }, (_, index) => items[index % items.length]);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, restored(child)]));
}

function parsed(text: string, headers: Readonly<Record<string, string>>): unknown {
  const type = headers['content-type'] ?? '';
  if (type.includes('ndjson'))
    return text
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
  if (type.includes('event-stream')) return text.trim().split('\n\n');
  return type.includes('json') && text !== '' ? JSON.parse(text) : text;
}

function isAllowed({ path, kind }: Difference, exception: readonly string[]): boolean {
  if (kind === 'type' || kind === 'missing' || kind === 'extra')
    return path.includes('model_info.') || path.includes('.tensors');
  const keys = path.split(/[.[\]]+/);
  return [...Object.values(valueMayDiffer).flat(), ...exception].some((name) =>
    keys.some((key) => key === name || key.endsWith(`_${name}`)),
  );
}
