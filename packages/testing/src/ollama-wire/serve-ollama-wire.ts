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

/** The routes over one store of models. Loads node-llama-cpp. */
export async function serveOllamaWire(models: Readonly<Record<string, string>>, port: number): Promise<Listening> {
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
