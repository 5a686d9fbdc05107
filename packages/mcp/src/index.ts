export { bankServer, type BankServerOptions } from './bank-server.ts';
export type { OnError } from './client-error.ts';
export { mcpCommand, type McpCommandOptions } from './command.ts';
export { serveHttp, type HttpServer, type ServeHttpOptions } from './serve-http.ts';
export { serveStdio } from './serve-stdio.ts';
export { serve, type ServeOptions } from './serve.ts';
