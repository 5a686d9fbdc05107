/**
 * Sixteen hexadecimal digits that are equal for equal JSON: names a calibrator or a table by what it holds.
 *
 * Tells apart what was made by accident, not by an adversary.
 *
 * Source: two 32-bit FNV-1a hashes (Fowler, Noll & Vo) over the UTF-16 units, the second from another offset.
 */
export function contentId(content: unknown): string {
  const text = JSON.stringify(content);
  return fnv(text, 0x811c9dc5) + fnv(text, 0x9747b28c);
}

function fnv(text: string, offset: number): string {
  let hash = offset;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
