import type { Listening } from './http.ts';

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
 * The package node-llama-cpp is installed by those who start one.
 *
 * Left out: pull, push, quantising, images, tools and thinking.
 */
export async function startOllamaWireServer({
  models = {},
  port = 0,
}: OllamaWireServerOptions = {}): Promise<OllamaWireServer> {
  const { serveOllamaWire } = await import('./serve-ollama-wire.ts');
  return serveOllamaWire(models, port);
}
