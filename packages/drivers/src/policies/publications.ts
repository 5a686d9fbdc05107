/** One change of what a server answers with. */
export interface Publication {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `ModelServer.id`. */
  readonly server: string;
  /** The version that is live from now on. */
  readonly version: string;
  /** `rollback`: the one that was live before is not wanted any more. */
  readonly kind: 'publish' | 'rollback';
}

/** What became of a version: never live, live somewhere, followed by another one, taken back. */
export type PolicyStatus = 'candidate' | 'live' | 'replaced' | 'rolled back';

export interface Standing {
  readonly status: PolicyStatus;
  /** Servers it is live at. */
  readonly liveAt: readonly string[];
}

/** Where each version stands after these publications, oldest first. A version that is missing was never live. */
export function standings(publications: readonly Publication[]): ReadonlyMap<string, Standing> {
  const live = new Map<string, string>();
  const ended = new Map<string, 'replaced' | 'rolled back'>();
  for (const { server, version, kind } of publications) {
    const before = live.get(server);
    if (before !== undefined && before !== version) ended.set(before, kind === 'rollback' ? 'rolled back' : 'replaced');
    live.set(server, version);
  }
  const versions = new Set([...ended.keys(), ...live.values()]);
  return new Map(
    [...versions].map((version) => {
      const liveAt = [...live].filter(([, its]) => its === version).map(([server]) => server);
      return [version, { status: liveAt.length > 0 ? 'live' : (ended.get(version) ?? 'candidate'), liveAt }];
    }),
  );
}

/** The version that was live at a server before the one that is, leaving out those that were taken back; `undefined` when there was none. */
export function versionBefore(publications: readonly Publication[], server: string): string | undefined {
  const path: string[] = [];
  for (const { version, kind, ...event } of publications) {
    if (event.server !== server) continue;
    // A rollback leaves the path as it was when that version came; one to a version that it does not hold only drops the last.
    if (kind === 'rollback')
      path.length = path.includes(version) ? path.lastIndexOf(version) : Math.max(0, path.length - 1);
    if (path.at(-1) !== version) path.push(version);
  }
  return path.at(-2);
}
