import { temporaryFolder } from '../temporary-folder.ts';
import { listen, type WireAnswer, type WireCall, type WireReply } from './http.ts';
import { archivePath, checkpointPath, routes } from './routes.ts';
import { asWireError, WireError } from './wire-error.ts';
import type { WireDialect } from './wire-model.ts';
import { WireService } from './wire-service.ts';

/**
 * What goes wrong with a request: the connection is cut before or after it was carried out; the server is busy (429); the answer is no JSON, or
 * is cut in its middle; the server restarts before or after it, and cuts the connection; the disk is full.
 */
export type WireFault =
  | 'cut-before'
  | 'cut-after'
  | 'busy'
  | 'garbage'
  | 'half'
  | 'restart-before'
  | 'restart-after'
  | 'disk-full';

export interface TinkerWireServerOptions {
  /** What outlives the server: another one over it goes on from there. Default: a temporary one. */
  readonly folder?: string;
  /** Default `skillrl`. */
  readonly dialect?: WireDialect;
  /** Default 64. */
  readonly vocabulary?: number;
  /** Default 256. */
  readonly context?: number;
  /** Names of bases, and the seeds of their weights. Default `{ tiny: 1, other: 2 }`. */
  readonly bases?: Readonly<Record<string, number>>;
  /** Asked for on every route but `/healthz`. Default: none. */
  readonly token?: string;
  /** How long the next result takes. Default 0. */
  readonly computeMs?: () => number;
  /** Default: any that is free. */
  readonly port?: number;
  /** Asked before every request; `number` counts those of one route, from 1. */
  readonly faults?: (request: { readonly route: string; readonly number: number }) => WireFault | undefined;
}

export interface TinkerWireServer {
  /** Up to and with `/api/v1`. */
  readonly url: string;
  readonly port: number;
  /** Every request so far: method and path, and its body. */
  readonly requests: readonly { readonly route: string; readonly body: Readonly<Record<string, unknown>> }[];
  /** Takes what was not saved, and all results. */
  restart(): void;
  /** Ends all sessions, as when they gave no sign of life. */
  expire(): void;
  close(): Promise<void>;
}

/**
 * A server that speaks the JSON form of the Tinker protocol, for tests: the wire of `apps/trainer/README.md`, or that of SkyRL 0.3.0, over the
 * model of `memoryTrainer`; real gradients, real samples, real files. It fails as it is told to.
 */
export async function startTinkerWireServer(options: TinkerWireServerOptions = {}): Promise<TinkerWireServer> {
  const {
    folder = temporaryFolder(),
    dialect = 'skillrl',
    vocabulary = 64,
    context = 256,
    computeMs = () => 0,
  } = options;
  const { bases = { tiny: 1, other: 2 }, token, port = 0, faults = () => undefined } = options;
  const settings = { folder, dialect, vocabulary, context, bases, computeMs };
  let service = new WireService(settings);
  const requests: { route: string; body: Readonly<Record<string, unknown>> }[] = [];

  async function answer(call: WireCall): Promise<WireReply> {
    const route = `${call.method} ${call.path}`;
    requests.push({ route, body: call.body });
    const number = requests.filter((request) => request.route === route).length;
    const fault = faults({ route, number });
    if (fault === 'cut-before') return 'cut';
    if (fault === 'busy') return refusal(new WireError(429, 'QUEUE_FULL', '64 calls wait.'), { 'retry-after': '0' });
    if (fault === 'disk-full') return refusal(new WireError(500, 'DISK_FULL', 'The disk is full.'));
    if (fault === 'restart-before') service = new WireService(settings);
    const reply = fault === 'restart-before' ? 'cut' : await carryOut(call);
    if (fault === 'restart-after') service = new WireService(settings);
    if (fault === 'cut-after' || fault === 'restart-after') return 'cut';
    if (fault === 'garbage') return { status: 200, body: '<html>' };
    if (fault === 'half' && reply !== 'cut') return { ...reply, isHalf: true };
    return reply;
  }

  async function carryOut(call: WireCall): Promise<WireReply> {
    try {
      if (token !== undefined && call.path !== '/healthz' && call.authorization !== `Bearer ${token}`)
        throw new WireError(401, 'TOKEN_WRONG', 'The bearer token is missing or wrong.');
      const [, id, name] = archivePath.exec(call.path) ?? [];
      if (id !== undefined && name !== undefined) return { status: 200, body: await service.files.archive(id, name) };
      const [, owner, kind, removed] = (call.method === 'DELETE' && checkpointPath.exec(call.path)) || [];
      if (dialect === 'skillrl' && owner !== undefined && removed !== undefined) {
        service.files.remove(owner, kind === 'weights' ? 'save' : 'export', removed);
        return { status: 204, body: '' };
      }
      const route = routes[`${call.method} ${call.path}`];
      if (route === undefined) throw new WireError(404, 'ROUTE_UNKNOWN', `${call.method} ${call.path}: Not Found`);
      return { status: 200, body: await route(service, call.body) };
    } catch (error) {
      return refusal(asWireError(error));
    }
  }

  function refusal(
    { status, code, message, facts }: WireError,
    headers?: Readonly<Record<string, string>>,
  ): WireAnswer {
    if (dialect === 'skyrl-0.3') return { status, body: { detail: message }, headers };
    return {
      status,
      body: { error: { code, message, hint: 'See apps/trainer/README.md.', category: 'user', ...facts } },
      headers,
    };
  }

  const listening = await listen(answer, port);
  return {
    ...listening,
    requests,
    restart: () => void (service = new WireService(settings)),
    expire: () => service.expire(),
  };
}
