import { resolve } from 'node:path';

import { ModelServerError, UnsupportedError, type Checkpoint, type ModelServer } from '@skillrl/core';
import { z } from 'zod';

import { serverAddress } from '../http/server-address.ts';
import { promptIdsOf } from '../models/byte-tokenizer.ts';
import { readGgufHeader } from '../models/llama-cpp/gguf-header.ts';
import { openAiClient } from '../models/openai/client.ts';
import { refuseShapedLogprobs, sampleAtVllm, vllmUrl } from '../models/vllm.ts';
import { adapterFiles, checkCheckpoint, refuseName, unsupportedCheckpoint } from './checkpoint-files.ts';
import { atServer } from './server-fault.ts';
import { recordOf, VersionFolder, versionExists, versionGone, type VersionRecord } from './version-folder.ts';

export interface VllmServerOptions {
  /** Of vLLM's OpenAI interface, up to and with `/v1`. Default `http://127.0.0.1:8000/v1`. */
  readonly url?: string;
  /** Where the adapters and the name of the live one are kept; made by the first publication. vLLM must be able to read it. */
  readonly folder: string;
  /** The folder as vLLM sees it, when it runs in a container or on another machine. Default: the same path. */
  readonly mountedAt?: string;
  /** Name of the policy: version v12 is the adapter `NAME@v12`. Default `skillrl-policy`. */
  readonly name?: string;
  /**
   * A GGUF file with the policy's vocabulary. With it versions are asked by token ids, so that rollouts for RL can be sampled: vLLM must be of 0.10.2 or
   * later, and keep its default `--logprobs-mode raw_logprobs`.
   */
  readonly tokenizer?: string;
  /** Sent as a bearer token. */
  readonly apiKey?: string;
  /** What the canary is asked to continue. Default `task`. */
  readonly canary?: string;
}

const modelsSchema = z.object({
  data: z.array(z.object({ id: z.string(), root: z.string(), parent: z.string().nullish() })),
});

/**
 * Serves LoRA versions through vLLM: each adapter is loaded at run time under a name of its own, on the base that vLLM was started with, and
 * which one is live stands in a file. vLLM forgets adapters when it is started anew; one that is asked for is then loaded again.
 *
 * vLLM must run with `--enable-lora`, `--max-lora-rank` of at least the adapters' rank, and `VLLM_ALLOW_RUNTIME_LORA_UPDATING=True`. Whether its
 * base is that of the checkpoints is for whoever starts it to see to: vLLM tells no hash.
 *
 * Source: vLLM's documentation, features/lora, "Dynamically serving LoRA adapters".
 *
 * @throws {ConfigError} `SERVER_URL_INVALID`, `API_KEY_INVALID`
 */
export function vllmServer(options: VllmServerOptions): ModelServer {
  const { name = 'skillrl-policy', canary = 'task', tokenizer } = options;
  const { url, authorization } = serverAddress(options.url ?? vllmUrl, 'SERVER_URL_INVALID', options.apiKey);
  const folder = new VersionFolder(options.folder);
  const mountedAt = options.mountedAt ?? folder.path;
  const id = `vllm:${name}@${url}`;
  const adapterOf = (version: string): string => `${name}@${version}`;
  if (tokenizer !== undefined) readGgufHeader(tokenizer);
  const modelOf = (version: string): string =>
    tokenizer === undefined
      ? `openai:${adapterOf(version)}@${url}`
      : `vllm:${adapterOf(version)}@${url}#${resolve(tokenizer)}`;

  return {
    id,
    // Without a vocabulary it is asked by text, and gives no token ids.
    capabilities: { tokens: tokenizer !== undefined, kinds: ['lora'] },
    liveModel: `policy:live@${folder.path}`,
    publish: (checkpoint) =>
      folder.change(`publish ${checkpoint.version} at ${url}`, async () => {
        refuseName(checkpoint.version);
        refuseKind(checkpoint);
        const { version } = checkpoint;
        const known = await folder.known(checkpoint, id);
        if (known !== undefined) return folder.served(await serve(known));
        const hashes = await checkCheckpoint(checkpoint, adapterFiles, await folder.liveRecord());
        // A name of before that was not loaded from here would answer with other weights; one that was is loaded anew from whole files.
        const root = (await loaded()).get(adapterOf(version));
        if (root !== undefined && root !== pathOf(version)) throw versionExists(version, id);
        if (root !== undefined) await unload(adapterOf(version));
        const record = await folder.add(
          { ...recordOf(checkpoint), model: modelOf(version) },
          checkpoint.path,
          hashes,
          (part) => askCanary(version, part.slice(folder.path.length + 1)),
        );
        await load(adapterOf(version), version);
        return folder.served(record);
      }),
    goLive: (version) =>
      folder.change(`make ${version} live at ${url}`, async () => {
        await serve(await folder.recordToFollow(version, id));
        await folder.setLive(version);
      }),
    live: () => folder.servedLive(),
    versions: () => folder.servedVersions(),
    remove: (version) =>
      folder.change(`remove ${version} at ${url}`, async () => {
        refuseName(version);
        await folder.remove(version);
        await unload(adapterOf(version));
      }),
    close: async () => {},
  };

  /** Has vLLM answer with a version of before. It may be another vLLM than then, or have another name or address, which the record then says. */
  async function serve(known: VersionRecord): Promise<VersionRecord> {
    const { version } = known;
    const record = { ...known, model: modelOf(version) };
    if (record.model !== known.model) {
      const root = (await loaded()).get(adapterOf(version));
      if (root !== undefined && root !== pathOf(version)) throw versionExists(version, id);
      await askCanary(version, version);
      await folder.restate(record);
    }
    await load(adapterOf(version), version);
    return record;
  }

  /** Where vLLM sees the adapter. @param place - the version's folder below ours. */
  function pathOf(place: string): string {
    return `${mountedAt}/${place}/adapter`;
  }

  /** Loads an adapter unless vLLM has it. @param place - the version's folder below ours. */
  async function load(adapter: string, place: string): Promise<void> {
    if ((await loaded()).has(adapter)) return;
    const response = await send('POST', '/load_lora_adapter', { lora_name: adapter, lora_path: pathOf(place) });
    if (response.ok) return;
    const text = await response.text();
    if (response.status === 404 && text.includes('"detail"')) throw updatingIsOff(url);
    if (response.status === 404) throw versionGone(adapter.slice(name.length + 1), id);
    throw refused(url, response.status, text);
  }

  async function unload(adapter: string): Promise<void> {
    const response = await send('POST', '/unload_lora_adapter', { lora_name: adapter });
    if (!response.ok && response.status !== 404) throw refused(url, response.status, await response.text());
  }

  /** The adapters that vLLM has now: where it read each, by its name. */
  async function loaded(): Promise<ReadonlyMap<string, string>> {
    const response = await send('GET', '/models');
    if (!response.ok) throw refused(url, response.status, await response.text());
    const { data } = modelsSchema.parse(await response.json());
    return new Map(data.flatMap(({ id: name, root, parent }) => (parent == null ? [] : [[name, root]])));
  }

  /** Asks the adapter for a token from where it lies before it has its name, under another one: vLLM caches by name. */
  async function askCanary(version: string, place: string): Promise<void> {
    const adapter = `${adapterOf(version)}-canary`;
    await load(adapter, place);
    try {
      if (tokenizer === undefined) await askByText(adapter, version);
      else await askByTokens(adapter, version, tokenizer);
    } finally {
      await unload(adapter).catch(() => {});
    }
  }

  async function askByText(adapter: string, version: string): Promise<void> {
    const body = { model: adapter, prompt: canary, max_tokens: 1, temperature: 0 };
    const response = await send('POST', '/completions', body);
    if (!response.ok) throw canaryFailed(version, `${response.status} ${(await response.text()).slice(0, 300)}`);
  }

  /** Asks for what rollouts need: token ids, and the log-probabilities of the model itself. */
  async function askByTokens(adapter: string, version: string, modelPath: string): Promise<void> {
    const prompt = await promptIdsOf(modelPath, canary);
    const client = openAiClient({
      model: adapter,
      baseUrl: options.url ?? vllmUrl,
      apiKey: options.apiKey,
      retries: 0,
    });
    try {
      await sampleAtVllm(client, { prompt, maxTokens: 1, temperature: 1, stop: [], seed: 1 });
      await refuseShapedLogprobs(client, prompt);
    } catch (cause) {
      if (cause instanceof UnsupportedError) throw cause;
      throw canaryFailed(version, cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  function send(method: 'GET' | 'POST', path: string, body?: object): Promise<Response> {
    return atServer(`ask vLLM at ${url}`, () =>
      fetch(`${url}${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }
}

function refuseKind(checkpoint: Checkpoint): void {
  if (checkpoint.kind === 'lora') return;
  throw unsupportedCheckpoint(
    checkpoint,
    'vLLM takes adapters on the base that it was started with, and this checkpoint changes all parameters',
    'Train an adapter (skillrl train run --lora RANK), or publish it to llama-cpp or ollama.',
  );
}

function canaryFailed(version: string, reason: string, cause?: unknown): ModelServerError {
  return new ModelServerError({
    code: 'CANARY_FAILED',
    message: `The version ${version} does not answer: ${reason}`,
    hint: 'Look whether vLLM was started with the base that the adapter was trained from. What was live is live.',
    cause,
  });
}

function refused(url: string, status: number, text: string): ModelServerError {
  return new ModelServerError({
    code: 'SERVER_FAILED',
    message: `vLLM at ${url} refused with ${status}: ${text.slice(0, 500)}`,
    hint: "Its log says more; --max-lora-rank must be at least the adapter's rank.",
    // An adapter that its engine cannot take is such an answer, too, and stays one.
    retryable: status >= 500 && !text.includes('add_lora'),
  });
}

function updatingIsOff(url: string): ModelServerError {
  return new ModelServerError({
    code: 'SERVER_FAILED',
    message: `The server at ${url} does not load adapters while it runs.`,
    hint: 'Start vLLM with --enable-lora and the variable VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, on a trusted network only.',
  });
}
