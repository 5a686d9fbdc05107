export { bankServer } from './bank-server.ts';
export { serveHttp, type HttpServer, type ServeHttpOptions } from './serve-http.ts';
export { serveStdio } from './serve-stdio.ts';
export { serve, type ServeOptions } from './serve.ts';
