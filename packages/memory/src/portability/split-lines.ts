/** A line of a file, or why it could not be read as text. */
export type FileLine = string | { readonly unreadable: string };

/** Bytes of a line that is read; an entry has at most some tens of thousands. */
const longestLine = 8 * 1024 * 1024;

/**
 * Splits bytes into lines of UTF-8 without their ends, `\n` or `\r\n`, and without the mark of byte order before the first. Only these end a
 * line: JSON may hold every other separator as it is. A line that is too long is passed by without being kept.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { maxBytes = longestLine }: { readonly maxBytes?: number } = {},
): AsyncGenerator<FileLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let parts: Uint8Array[] = [];
  let length = 0;
  let isFirst = true;
  const keep = (part: Uint8Array): void => {
    length += part.length;
    // Its length is counted on; its bytes are let go.
    if (length > maxBytes) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const line = (): FileLine => {
    const found = readLine(decoder, parts, length, maxBytes);
    const text = isFirst && typeof found === 'string' ? found.replace(/^\uFEFF/u, '') : found;
    parts = [];
    length = 0;
    isFirst = false;
    return text;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      keep(chunk.subarray(start, end));
      yield line();
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (length > 0) yield line();
}

function readLine(
  decoder: { decode(bytes: Uint8Array): string },
  parts: readonly Uint8Array[],
  length: number,
  maxBytes: number,
): FileLine {
  if (length > maxBytes) return { unreadable: `The line has ${length} bytes; at most ${maxBytes} are read.` };
  const bytes = parts.length === 1 ? parts[0]! : joined(parts, length);
  try {
    return decoder.decode(bytes).replace(/\r$/u, '');
  } catch {
    return { unreadable: 'The line is not UTF-8.' };
  }
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
