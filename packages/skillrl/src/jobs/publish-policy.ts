import { type Clock, InputError, type ModelServer, type ServedVersion, systemClock } from '@skillrl/core';
import { type PolicyRegistry, type Publication, versionBefore } from '@skillrl/drivers';

export interface PublishPorts {
  readonly registry: PolicyRegistry;
  readonly server: ModelServer;
  readonly clock?: Clock;
}

/**
 * Makes a version of the registry answer at a server and, unless `isLive` is `false`, live; then notes it. Each step may be done again: after
 * a crash the same call goes on where it stopped.
 *
 * @throws {ModelServerError} as `ModelServer.publish` does; {InputError} `VERSION_UNKNOWN`.
 */
export async function publishPolicy(
  version: string,
  ports: PublishPorts,
  { isLive = true, kind = 'publish' }: { readonly isLive?: boolean; readonly kind?: Publication['kind'] } = {},
): Promise<ServedVersion> {
  const { registry, server, clock = systemClock } = ports;
  const served = await server.publish(await registry.get(version));
  if (!isLive) return served;
  await server.goLive(version);
  await registry.record({ at: clock.now(), server: server.id, version, kind });
  return served;
}

/**
 * Goes back to the version that was live before, or to a given one. A server that has lost it gets it again from the registry.
 *
 * @throws {InputError} `NOTHING_BEFORE` when no version was live before.
 */
export async function rollBackPolicy(version: string | undefined, ports: PublishPorts): Promise<ServedVersion> {
  const { registry, server } = ports;
  const target = version ?? versionBefore(await registry.publications(), server.id);
  if (target !== undefined) return publishPolicy(target, ports, { kind: 'rollback' });
  throw new InputError({
    code: 'NOTHING_BEFORE',
    message: `Before the version that is live at '${server.id}' there was none.`,
    hint: 'Name a version: skillrl policy rollback VERSION.',
  });
}

/** Where the latest publication went; `undefined` before the first. */
export async function lastServer(registry: PolicyRegistry): Promise<string | undefined> {
  return (await registry.publications()).at(-1)?.server;
}
