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
  const begun = version === undefined ? await unnotedRollback(ports) : undefined;
  if (begun === undefined) await noteLive(ports);
  const target = version ?? begun ?? versionBefore(await registry.publications(), server.id);
  if (target !== undefined) return publishPolicy(target, ports, { kind: 'rollback' });
  throw new InputError({
    code: 'NOTHING_BEFORE',
    message: `Before the version that is live at '${server.id}' there was none.`,
    hint: 'Name a version: skillrl policy rollback VERSION.',
  });
}

/**
 * Notes what is live at the server where a process died between making it so and noting it. A version that the registry does not have went live
 * without it, and is left out.
 */
export async function noteLive(ports: PublishPorts): Promise<void> {
  const { registry, server, clock = systemClock } = ports;
  const version = await unnoted(ports);
  if (version === undefined) return;
  const kind = version === (await unnotedRollback(ports)) ? 'rollback' : 'publish';
  await registry.record({ at: clock.now(), server: server.id, version, kind });
}

/** What is live at the server although something else was noted last. */
async function unnoted({ registry, server }: PublishPorts): Promise<string | undefined> {
  const live = (await server.live())?.version;
  const noted = (await registry.publications()).findLast((one) => one.server === server.id)?.version;
  if (live === undefined || live === noted) return undefined;
  return (await registry.list()).find(({ version }) => version === live)?.version;
}

/** The version that was gone back to by a process that died before it noted so: nobody else makes the one before the last live. */
async function unnotedRollback(ports: PublishPorts): Promise<string | undefined> {
  const before = versionBefore(await ports.registry.publications(), ports.server.id);
  return before !== undefined && before === (await unnoted(ports)) ? before : undefined;
}

/** Where the latest publication went; `undefined` before the first. */
export async function lastServer(registry: PolicyRegistry): Promise<string | undefined> {
  return (await registry.publications()).at(-1)?.server;
}
