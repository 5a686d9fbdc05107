import { type Clock, type ModelServer, systemClock } from '@skillrl/core';
import type { PolicyRegistry } from '@skillrl/drivers';

/**
 * A server whose versions are in the registry, too: what is published is taken in first and served from there, what goes live is noted, and
 * what is removed without ever having been live leaves both.
 */
export function registeredServer(
  server: ModelServer,
  registry: PolicyRegistry,
  clock: Clock = systemClock,
): ModelServer {
  return {
    id: server.id,
    capabilities: server.capabilities,
    liveModel: server.liveModel,
    async publish(checkpoint) {
      const isKnown = (await registry.list()).some(({ version }) => version === checkpoint.version);
      const added = await registry.add(checkpoint);
      try {
        return await server.publish(added);
      } catch (error) {
        // What was refused would keep the name from the next try.
        if (!isKnown) await registry.removeCandidate(checkpoint.version);
        throw error;
      }
    },
    async goLive(version) {
      await server.goLive(version);
      const last = (await registry.publications()).findLast((publication) => publication.server === server.id);
      // Going live again, after a crash, is no news.
      if (last?.version === version) return;
      await registry.record({ at: clock.now(), server: server.id, version, kind: 'publish' });
    },
    live: () => server.live(),
    versions: () => server.versions(),
    async remove(version) {
      await server.remove(version);
      await registry.removeCandidate(version);
    },
    close: () => server.close(),
  };
}
