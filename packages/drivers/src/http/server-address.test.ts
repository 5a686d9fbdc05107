import { describe, expect, it } from 'vitest';

import { serverAddress } from './server-address.ts';

describe('serverAddress', () => {
  it('parts the address from what is secret', () => {
    const basic = `Basic ${Buffer.from('ann:p@ss').toString('base64')}`;
    expect(serverAddress('http://ann:p%40ss@host:8000/v1/', 'X')).toEqual({
      url: 'http://host:8000/v1',
      authorization: basic,
    });
    expect(serverAddress('https://host', 'X')).toEqual({ url: 'https://host' });
    expect(serverAddress('http://ann:pass@host', 'X', ' sk-1\n')).toEqual({
      url: 'http://host',
      authorization: 'Bearer sk-1',
    });
    expect(serverAddress('http://host', 'X', '')).toEqual({ url: 'http://host' });
  });

  it.each(['nowhere', 'ftp://host', 'http://ann:secret@host:port/v1', ''])("refuses '%s'", (address) => {
    expect(() => serverAddress(address, 'X')).toThrow(
      expect.objectContaining({ code: 'X', message: expect.not.stringContaining('secret') as string }) as Error,
    );
  });

  it.each(['sk-secret\nmore', 'sk-secret€', '“sk-secret”'])('refuses a key that no header carries', (key) => {
    expect(() => serverAddress('http://host', 'X', key)).toThrow(
      expect.objectContaining({
        code: 'API_KEY_INVALID',
        message: expect.not.stringContaining('secret') as string,
      }) as Error,
    );
  });
});
