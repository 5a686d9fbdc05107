import type { ChatModel, ChatRequest, ChatResponse, ModelCapabilities, ServedVersion } from '@skillrl/core';

import { readVersion } from '../servers/version-folder.ts';

export interface PolicyModelOptions {
  /** Folder of versions, as a model server keeps it. */
  readonly folder: string;
  /** A version's name, or `live`: then each request goes to the version that is live when it is made. */
  readonly version: string;
  /** Opens the model that a version is. */
  readonly open: (served: ServedVersion) => ChatModel;
}

/**
 * A version of a policy in a folder of versions.
 *
 * @throws {ModelError} `POLICY_UNKNOWN` when it is not there, at once.
 */
export function policyModel({ folder, version, open }: PolicyModelOptions): ChatModel {
  const served = readVersion(folder, version);
  return version === 'live' ? new LiveModel(folder, served, open) : open(served);
}

/** Goes to another version between two requests; those that were begun end with the version that they began with. */
class LiveModel implements ChatModel {
  readonly #folder: string;
  readonly #open: PolicyModelOptions['open'];
  #served: ServedVersion;
  #model: ChatModel;
  #isClosed = false;

  constructor(folder: string, served: ServedVersion, open: PolicyModelOptions['open']) {
    this.#folder = folder;
    this.#served = served;
    this.#open = open;
    this.#model = open(served);
  }

  /** Of the version that the last request went to. */
  get id(): string {
    return this.#model.id;
  }

  get capabilities(): ModelCapabilities {
    return this.#model.capabilities;
  }

  async chat(request: ChatRequest): Promise<ChatResponse> {
    return this.#now().chat(request);
  }

  release(cacheKey: string): void {
    this.#model.release?.(cacheKey);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#model.close?.();
  }

  #now(): ChatModel {
    if (this.#isClosed) return this.#model;
    const served = readVersion(this.#folder, 'live');
    if (served.version === this.#served.version) return this.#model;
    const before = this.#model;
    this.#model = this.#open(served);
    this.#served = served;
    // It waits for what was handed to it, and what it could not close concerns nobody who asks the next one.
    void before.close?.().catch(() => {});
    return this.#model;
  }
}
