import type { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

interface Session {
  readonly transport: StreamableHTTPServerTransport;
  readonly namespace: string;
  lastUsed: number;
}

/** The open sessions. Each belongs to a tenant, and one tenant's never cost another's. */
export class HttpSessions {
  readonly #sessions = new Map<string, Session>();
  readonly #idleMs: number;
  readonly #mostEach: number;

  constructor({ idleMs, mostEach }: { readonly idleMs: number; readonly mostEach: number }) {
    this.#idleMs = idleMs;
    this.#mostEach = mostEach;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The tenant's session. One of another tenant is as good as none: whether it exists is not told. */
  of(id: string, namespace: string): StreamableHTTPServerTransport | undefined {
    const session = this.#sessions.get(id);
    if (session?.namespace !== namespace) return undefined;
    session.lastUsed = performance.now();
    return session.transport;
  }

  add(id: string, namespace: string, transport: StreamableHTTPServerTransport): void {
    this.#sessions.set(id, { transport, namespace, lastUsed: performance.now() });
  }

  remove(id: string): void {
    this.#sessions.delete(id);
  }

  /** Closes what was silent for too long, and of a tenant that has as many as it may, the one that was silent longest. */
  makeRoom(namespace: string): void {
    const before = performance.now() - this.#idleMs;
    for (const [id, { lastUsed }] of this.#sessions) if (lastUsed <= before) this.#close(id);
    const own = [...this.#sessions].filter(([, session]) => session.namespace === namespace);
    if (own.length < this.#mostEach) return;
    const [oldest] = own.toSorted(([, a], [, b]) => a.lastUsed - b.lastUsed);
    if (oldest !== undefined) this.#close(oldest[0]);
  }

  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.#sessions.values()].map(({ transport }) => transport.close()));
    this.#sessions.clear();
  }

  #close(id: string): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    session?.transport.close().catch(() => {});
  }
}
