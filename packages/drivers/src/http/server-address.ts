import { ConfigError } from '@skillrl/core';

/** Where a server listens, apart from what proves that we may ask it. */
export interface ServerAddress {
  /** Without user name and password, and without a slash at its end: it may stand in messages and records. */
  readonly url: string;
  /** The header that goes with every request and nowhere else. */
  readonly authorization?: string;
}

/**
 * The address of a server. A user name and password in it are sent as basic authorization, as `fetch` refuses them in an address; a key
 * is sent as a bearer token and comes before them.
 *
 * @param code - of the error for what is no address.
 * @throws {ConfigError} `code`, or `API_KEY_INVALID` for a key that no header can carry. Neither message holds a secret.
 */
export function serverAddress(address: string, code: string, apiKey = ''): ServerAddress {
  const parsed = URL.canParse(address) ? new URL(address) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) throw invalidAddress(address, code);
  const { username, password } = parsed;
  parsed.username = '';
  parsed.password = '';
  const url = parsed.href.replace(/\/+$/, '');
  if (apiKey !== '') return { url, authorization: `Bearer ${sendable(apiKey)}` };
  if (username === '' && password === '') return { url };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url, authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function invalidAddress(address: string, code: string): ConfigError {
  return new ConfigError({
    code,
    message: `'${address.replace(/\/\/[^/]*@/, '//…@')}' is not the address of a server.`,
    hint: 'Write it like http://127.0.0.1:8000/v1.',
  });
}

function sendable(apiKey: string): string {
  const key = apiKey.trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new ConfigError({
    code: 'API_KEY_INVALID',
    message: 'The API key holds a blank, a line break or a letter that no key has, so it cannot be sent.',
    hint: 'Copy it again, without what stands around it.',
  });
}
