import { join } from 'node:path';

import { temporaryFolder } from '../temporary-folder.ts';
import { blobRoutes } from './blob-routes.ts';
import { chatRoute } from './chat-route.ts';
import { createRoute } from './create-route.ts';
import { embedRoutes } from './embed-routes.ts';
import { generateRoute } from './generate-route.ts';
import { listen, type Listening } from './http.ts';
import { manageRoutes } from './manage-routes.ts';
import { ModelStore } from './model-store.ts';
import { openAiRoutes } from './openai-routes.ts';
import { Runners } from './runners.ts';

export interface OllamaWireServerOptions {
  /** GGUF files by the names they are served under. Default: none; models can be created over the wire. */
  readonly models?: Readonly<Record<string, string>>;
  /** Default: any that is free. */
  readonly port?: number;
}

/** A server that is to be closed when a test is over. */
export type OllamaWireServer = Listening;

/**
 * A server that speaks Ollama's HTTP interface over node-llama-cpp, for tests: real models, real tokens, and the answers, refusals and
 * traps of Ollama 0.33.0 as they were recorded. It listens on the loopback interface and asks no registry.
 *
 * Left out: pull, push, quantising, images, tools and thinking.
 */
export async function startOllamaWireServer({
  models = {},
  port = 0,
}: OllamaWireServerOptions = {}): Promise<OllamaWireServer> {
  const store = new ModelStore(join(temporaryFolder(), 'blobs'));
  const runners = new Runners();
  for (const [name, path] of Object.entries(models)) store.put({ name, path });
  const listening = await listen(
    [
      ...manageRoutes(store, runners),
      ...blobRoutes(store),
      createRoute(store),
      generateRoute(store, runners),
      chatRoute(store, runners),
      ...embedRoutes(store),
      ...openAiRoutes(store, runners),
    ],
    port,
  );
  return {
    url: listening.url,
    async close() {
      await listening.close();
      await runners.close();
    },
  };
}
