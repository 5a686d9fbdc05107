import { crc32 } from 'node:zlib';

import * as z from 'zod';

/** Raised when the manifest or the way parts are kept changes. */
const manifestFormat = 1;
const title = 'skillrl-index';

const count = z.number().int().min(0);
const schema = z.strictObject({
  name: z.string(),
  generation: z.string(),
  savedAt: z.number(),
  revision: count,
  meta: z.record(z.string(), z.unknown()),
  parts: z.record(
    z.string(),
    z.strictObject({
      file: z.string().regex(/^[\w-]+(\.[\w-]+)+$/),
      bytes: count,
      crc32: count,
      /** `bytes` are read when it is loaded; a `file` is opened by whoever wrote it. */
      kind: z.enum(['bytes', 'file']),
    }),
  ),
});

/** What a saved index consists of. */
export type IndexManifest = z.infer<typeof schema>;

/** Two lines: title, format and checksum of the second line; the manifest as JSON. */
export function writeManifest(manifest: IndexManifest): Uint8Array {
  const json = JSON.stringify(manifest);
  return new TextEncoder().encode(`${title} ${manifestFormat} ${crc32(json).toString(16)}\n${json}\n`);
}

/** @returns the reason when the text is no whole manifest of this format and name. */
export function readManifest(text: string, name: string): IndexManifest | { readonly reason: string } {
  const [heading = '', json = ''] = text.split('\n');
  const [word, format, sum] = heading.split(' ');
  if (word !== title) return { reason: 'its manifest is none' };
  if (format !== String(manifestFormat)) return { reason: `its manifest has format ${format}, not ${manifestFormat}` };
  if (sum !== crc32(json).toString(16)) return { reason: 'the checksum of its manifest is another' };
  const { data, error } = schema.safeParse(JSON.parse(json));
  if (data === undefined) return { reason: `its manifest is not understood: ${error.issues[0]?.message}` };
  return data.name === name ? data : { reason: `its manifest is of '${data.name}'` };
}
