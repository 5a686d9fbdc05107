import { createHash, timingSafeEqual } from 'node:crypto';
import { isIPv4 } from 'node:net';

import { ConfigError } from '@skillrl/core';

export type Tokens = Readonly<Record<string, string>>;

const shortestToken = 16;

/** @throws {ConfigError} `MCP_PUBLIC_WITHOUT_TOKEN`, `MCP_TOKEN_SHORT` */
export function refuseUnsafe(host: string, tokens: Tokens): void {
  const all = Object.keys(tokens);
  if (!isLoopback(host) && all.length === 0) {
    throw new ConfigError({
      code: 'MCP_PUBLIC_WITHOUT_TOKEN',
      message: `Listening on ${host} would open the bank to everybody who can reach this machine.`,
      hint: 'Give a token (--token-file), or listen on 127.0.0.1.',
    });
  }
  const short = all.find((token) => token.length < shortestToken);
  if (short !== undefined) {
    throw new ConfigError({
      code: 'MCP_TOKEN_SHORT',
      message: `A bearer token has ${short.length} characters; it must have at least ${shortestToken}.`,
      hint: 'Make one with: openssl rand -hex 24',
    });
  }
}

/** Of an address or a name, without brackets; `127.example.com` is none. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/**
 * Names under which a server may be called, against DNS rebinding: a page that resolves its own name to this machine calls it by that name, and
 * its browser says so in `Host` and `Origin`. On all addresses every name is right, for a token is needed there, unless names are given.
 */
export function allowedNames(host: string, allowedHosts: readonly string[]): (name: string) => boolean {
  const isAny = (host === '0.0.0.0' || host === '::') && allowedHosts.length === 0;
  const allowed = new Set([host, ...allowedHosts].map((name) => name.toLowerCase()));
  return (name) => isAny || isLoopback(name.toLowerCase()) || allowed.has(name.toLowerCase());
}

/** The name in a `Host` header: no port, no brackets; `undefined` where there is none. */
export function nameOfHost(header: string | undefined): string | undefined {
  return header?.replace(/:\d+$/u, '').replace(/^\[(.*)\]$/u, '$1');
}

/** The name in an `Origin` header; `null`, as of a sandboxed page, is a name that is never allowed. */
export function nameOfOrigin(header: string): string {
  return URL.canParse(header) ? new URL(header).hostname.replace(/^\[(.*)\]$/u, '$1') : header;
}

/** The tenant of a request; `undefined` where its token is not known. Without tokens everybody is the memory's `own`. */
export function tenantOf(authorization: string | undefined, tokens: Tokens, own: string): string | undefined {
  const all = Object.entries(tokens);
  if (all.length === 0) return own;
  const given = /^Bearer +(\S+)$/iu.exec(authorization ?? '')?.[1] ?? '';
  let tenant: string | undefined;
  // All are compared, each in constant time, so that time tells nothing about a token.
  for (const [token, namespace] of all) {
    if (timingSafeEqual(digest(token), digest(given))) tenant = namespace;
  }
  return tenant;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
