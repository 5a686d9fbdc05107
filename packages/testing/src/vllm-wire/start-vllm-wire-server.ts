import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { completeIds, json, ok, refusal, type LogprobsMode } from './complete-ids.ts';
import { jsonBody, listen, textOf, type Answer, type Call, type Listening } from '../ollama-wire/http.ts';

export interface VllmWireServer extends Listening {
  /** Adapters by name, as `/v1/models` lists them. */
  readonly adapters: ReadonlyMap<string, string>;
  /** What the next calls of a path answer in place of the truth, such as `{ '/v1/completions': [500, 'out of memory'] }`. */
  faults: Readonly<Record<string, readonly [status: number, message: string]>>;
}

export interface VllmWireServerOptions {
  /** Name of the base model. Default `base`. */
  readonly base?: string;
  /** Whether it was started with `VLLM_ALLOW_RUNTIME_LORA_UPDATING`. Default `true`. */
  readonly isUpdatable?: boolean;
  /** Whether it knows `return_token_ids`, which came with vLLM 0.10.2. Default `true`. */
  readonly givesTokenIds?: boolean;
  /** What `--logprobs-mode` says. Default `raw_logprobs`. */
  readonly logprobsMode?: LogprobsMode;
  /** Most tokens of a prompt with its reply (`--max-model-len`). Default 1,024. */
  readonly context?: number;
}

/**
 * A fake of vLLM's OpenAI interface, for tests of what publishes to it: it loads, lists and unloads adapters as vLLM documents it, looks whether
 * an adapter's files are there and whole. A prompt in text is continued by words made from a hash of the adapter's weights; one in token ids of the
 * tiny model's vocabulary by a model of two-token weights made from that hash. So other weights say other things.
 *
 * Its answers, refusals included, are those of vLLM 0.32.0, which was asked the same by hand.
 */
export async function startVllmWireServer(options: VllmWireServerOptions = {}): Promise<VllmWireServer> {
  const { base = 'base', isUpdatable = true, givesTokenIds = true, logprobsMode = 'raw_logprobs' } = options;
  const { context = 1024 } = options;
  const adapters = new Map<string, string>();
  const server = { adapters, faults: {} as VllmWireServer['faults'] };

  const guarded =
    (answer: (call: Call) => Answer) =>
    (call: Call): Answer => {
      const fault = server.faults[call.path];
      return fault === undefined ? answer(call) : refusal(...fault);
    };
  const updating = (answer: (call: Call) => Answer): ((call: Call) => Answer) =>
    guarded((call) => (isUpdatable ? answer(call) : { status: 404, contentType: json, body: { detail: 'Not Found' } }));

  const listening = await listen(
    [
      { method: 'GET', path: '/v1/models', answer: guarded(() => ok({ object: 'list', data: models() })) },
      { method: 'POST', path: '/v1/load_lora_adapter', answer: updating(load) },
      { method: 'POST', path: '/v1/unload_lora_adapter', answer: updating(unload) },
      { method: 'POST', path: '/v1/completions', answer: guarded(complete) },
    ],
    0,
  );
  return Object.assign(server, listening);

  function models(): object[] {
    const card = (id: string, root: string, parent: string | null): object => ({
      id,
      object: 'model',
      owned_by: 'vllm',
      root,
      parent,
    });
    return [card(base, base, null), ...[...adapters].map(([name, path]) => card(name, path, base))];
  }

  function load(call: Call): Answer {
    const body = jsonBody(call);
    const [name, path] = [textOf(body, 'lora_name'), textOf(body, 'lora_path')];
    if (name === '' || path === '') return refusal(400, "Both 'lora_name' and 'lora_path' must be provided.");
    if (adapters.has(name)) {
      const hint = "If you want to load the adapter in place, set 'load_inplace' to True.";
      return refusal(400, `The lora adapter '${name}' has already been loaded. ${hint}`);
    }
    if (!existsSync(join(path, 'adapter_config.json')))
      return refusal(404, `Loading lora ${name} failed: No adapter found for <path>`);
    if (!isSafetensors(weights(path)))
      return refusal(500, addLoraFailed('Error while deserializing header: invalid header length'));
    adapters.set(name, path);
    return { status: 200, contentType: 'text/plain', body: `Success: LoRA adapter '${name}' added successfully.` };
  }

  function unload(call: Call): Answer {
    const name = textOf(jsonBody(call), 'lora_name');
    if (!adapters.delete(name)) return refusal(404, `The lora adapter '${name}' cannot be found.`);
    return { status: 200, contentType: 'text/plain', body: `Success: LoRA adapter '${name}' removed successfully.` };
  }

  function complete(call: Call): Answer {
    const body = jsonBody(call);
    const name = textOf(body, 'model');
    const path = adapters.get(name);
    if (path === undefined && name !== base)
      return refusal(404, `The model \`${name}\` does not exist. Valid aliases: ${base}.`);
    const seed = path === undefined ? Buffer.from(base) : weights(path);
    if (Array.isArray(body['prompt'])) {
      const settings = { context, logprobsMode, givesTokenIds };
      return completeIds(name, body, createHash('sha256').update(seed).digest().readUInt32LE(), settings);
    }
    const hash = createHash('sha256').update(seed).update(textOf(body, 'prompt')).digest();
    const words = [...hash.subarray(0, Number(body['max_tokens'] ?? 16))].map((byte) => ` word${byte}`);
    return ok({
      object: 'text_completion',
      model: name,
      choices: [{ index: 0, text: words.join(''), finish_reason: 'length' }],
      usage: { prompt_tokens: 1, completion_tokens: words.length, total_tokens: words.length + 1 },
    });
  }
}

/** What vLLM says when its engine refuses an adapter. */
function addLoraFailed(reason: string): string {
  return `Call to add_lora method failed: Worker failed with error '${reason}', please check the stack trace above for the root cause`;
}

function weights(path: string): Buffer {
  return readFileSync(join(path, 'adapter_model.safetensors'));
}

/** Whether the file is as long as its header says. */
function isSafetensors(bytes: Buffer): boolean {
  const length = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) as Record<
    string,
    { data_offsets?: number[] }
  >;
  const ends = Object.values(header).map(({ data_offsets: [, end = 0] = [] }) => end);
  return bytes.length === 8 + length + Math.max(0, ...ends);
}
