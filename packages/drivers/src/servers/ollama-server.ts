import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

import { ModelServerError, SkillError, type Checkpoint, type ModelServer, type ServedVersion } from '@skillrl/core';
import type { Ollama } from 'ollama';

import { fetchFailure } from '../http/fetch-failure.ts';
import { readGgufHeader } from '../models/llama-cpp/gguf-header.ts';
import { connect, ollamaAddress, statusOf } from '../models/ollama/connect.ts';
import { checkCheckpoint, ggufFile, refuseName, refuseOtherLineage } from './checkpoint-files.ts';
import { factsOf, ggufFacts, type PublishedFacts } from './published-facts.ts';
import { ggufWithFacts } from './gguf-facts.ts';
import { atServer } from './server-fault.ts';
import { versionExists, versionLive, versionUnknown } from './version-folder.ts';

export interface OllamaServerOptions {
  /** Name of the policy: version v12 is `NAME:v12`, the live one `NAME:live`. Default `skillrl-policy`. */
  readonly name?: string;
  /** Default `http://127.0.0.1:11434`. */
  readonly host?: string;
  /** A GGUF file with the policy's vocabulary. With it the model strings ask for token ids, so that rollouts for RL can be sampled. */
  readonly tokenizer?: string;
  /** What the canary is asked to continue. Default `task`. */
  readonly canary?: string;
}

/**
 * Serves versions through Ollama: the merged GGUF is uploaded and made a model of its own, and `NAME:live` is a copy of the live one. A copy
 * moves a name, not weights: it acts on the next request, and a reply under way ends with the weights that it began with.
 *
 * The record of a version travels in the file's own header, so that every machine that asks the server sees the same versions. There is no
 * template, so prompts reach the model as they are.
 *
 * @throws {ConfigError} `OLLAMA_HOST_INVALID`; {ModelServerError} `VERSION_INVALID` for a name that no model can have; {ModelError}
 * `MODEL_FILE_MISSING`, `MODEL_FILE_INVALID` for the tokenizer.
 */
export function ollamaServer(options: OllamaServerOptions = {}): ModelServer {
  const { name = 'skillrl-policy', canary = 'task', tokenizer } = options;
  const address = ollamaAddress(options.host);
  const id = `ollama:${name}@${address.url}`;
  if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(name)) throw invalidName(name);
  if (tokenizer !== undefined) readGgufHeader(tokenizer);
  const suffix = `@${address.url}${tokenizer === undefined ? '' : `#${resolve(tokenizer)}`}`;
  const tagged = (tag: string): string => `${name}:${tag}`;
  const served = ({ version, sha256 }: PublishedFacts): ServedVersion => ({
    version,
    model: `ollama:${tagged(version)}${suffix}`,
    sha256,
  });
  const asking = <Result>(what: string, work: (client: Ollama) => Promise<Result>): Promise<Result> =>
    atServer(`${what} at ${address.url}`, async () => work(await connect(address, undefined)));

  return {
    id,
    capabilities: { tokens: tokenizer !== undefined },
    liveModel: `ollama:${tagged('live')}${suffix}`,
    publish: (checkpoint) =>
      asking(`publish ${checkpoint.version}`, async (client) => {
        refuseName(checkpoint.version);
        const known = await published(client, tagged(checkpoint.version));
        // Creating over a name that is taken replaces it without a word.
        if (known === 'foreign' || (known !== undefined && known.sha256 !== checkpoint.sha256))
          throw versionExists(checkpoint.version, id);
        if (known === undefined) {
          await checkCheckpoint(checkpoint, [ggufFile], await liveFacts(client));
          await create(client, checkpoint);
        }
        await askCanary(client, checkpoint.version, known === undefined);
        return served(checkpoint);
      }),
    goLive: (version) =>
      asking(`make ${version} live`, async (client) => {
        refuseName(version);
        const found = await published(client, tagged(version));
        if (found === undefined || found === 'foreign') throw versionUnknown(version, id);
        refuseOtherLineage(found, await liveFacts(client));
        await client.copy({ source: tagged(version), destination: tagged('live') });
      }),
    live: () =>
      asking('ask for the live version', async (client) => {
        const found = await liveFacts(client);
        return found === undefined ? undefined : served(found);
      }),
    versions: () => asking('list the versions', async (client) => (await all(client)).map(served)),
    remove: (version) =>
      asking(`remove ${version}`, async (client) => {
        refuseName(version);
        if ((await liveFacts(client))?.version === version) throw versionLive(version);
        await unlessMissing(client.delete({ model: tagged(version) }));
      }),
    close: async () => {},
  };

  async function liveFacts(client: Ollama): Promise<PublishedFacts | undefined> {
    const found = await published(client, tagged('live'));
    return found === 'foreign' ? undefined : found;
  }

  async function all(client: Ollama): Promise<readonly PublishedFacts[]> {
    const { models } = await client.list();
    const tags = models
      .map((model) => model.name)
      .filter((tag) => tag.startsWith(`${name}:`) && tag !== tagged('live'));
    const facts = await Promise.all(tags.map((tag) => published(client, tag)));
    return facts
      .filter((found): found is PublishedFacts => found !== undefined && found !== 'foreign')
      .toSorted((a, b) => a.createdAt - b.createdAt || a.version.localeCompare(b.version));
  }

  async function create(client: Ollama, checkpoint: Checkpoint): Promise<void> {
    const path = join(checkpoint.path, ggufFile);
    const facts = ggufFacts(checkpoint);
    const hash = createHash('sha256');
    for await (const part of ggufWithFacts(path, facts)) hash.update(part);
    const digest = `sha256:${hash.digest('hex')}`;
    await upload(digest, () => ggufWithFacts(path, facts));
    // The client's types do not name `files`, and it sends what it is given.
    const request: CreateRequest = {
      model: tagged(checkpoint.version),
      files: { 'model.gguf': digest },
      parameters: { temperature: 1, top_k: 0, top_p: 1, min_p: 0, repeat_penalty: 1 },
      stream: false,
    };
    await client.create(request);
  }

  async function upload(digest: string, content: () => AsyncIterable<Buffer>): Promise<void> {
    const url = `${address.url}/api/blobs/${digest}`;
    const headers: Record<string, string> =
      address.authorization === undefined ? {} : { authorization: address.authorization };
    if ((await fetch(url, { method: 'HEAD', headers })).ok) return;
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body: ReadableStream.from(content()),
      duplex: 'half',
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }

  /** @param isNew - then a version that does not answer is taken away again. */
  async function askCanary(client: Ollama, version: string, isNew: boolean): Promise<void> {
    try {
      const reply = await client.generate({
        model: tagged(version),
        prompt: canary,
        raw: true,
        stream: false,
        options: { num_predict: 1, temperature: 0 },
      });
      if (!reply.done || reply.eval_count < 1) throw new Error('it gave no token');
    } catch (cause) {
      if (isNew) await unlessMissing(client.delete({ model: tagged(version) })).catch(() => {});
      if (cause instanceof SkillError || fetchFailure(cause) !== undefined) throw cause;
      throw new ModelServerError({
        code: 'CANARY_FAILED',
        message: `The version ${version} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: 'Its weights may be damaged: export it again. What was live is live.',
        cause,
      });
    }
  }
}

type CreateRequest = Parameters<Ollama['create']>[0] & {
  readonly files: Readonly<Record<string, string>>;
  readonly stream: false;
};

/** The record in a model's header; `foreign` for a model that was not published by us, nothing where there is none. */
async function published(client: Ollama, model: string): Promise<PublishedFacts | 'foreign' | undefined> {
  const shown = await unlessMissing(client.show({ model }));
  if (shown === undefined) return undefined;
  return factsOf((shown as { readonly model_info?: object }).model_info ?? {}) ?? 'foreign';
}

async function unlessMissing<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

function invalidName(name: string): ModelServerError {
  return new ModelServerError({
    code: 'VERSION_INVALID',
    message: `'${name}' cannot name a model of Ollama's.`,
    hint: 'Give a name without a tag, such as skillrl-policy: the versions are its tags.',
  });
}
