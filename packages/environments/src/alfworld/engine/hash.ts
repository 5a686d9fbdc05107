/** Two streams of 32-bit hashes, mixed number by number (after MurmurHash3 by Austin Appleby, public domain; own streams). */
export class Hash {
  high = 0x2f0b4c47;
  low = 0x5bd1e995;

  /** @param number - an integer in [0, 2⁵³). */
  add(number: number): void {
    this.addPair(number | 0, Math.floor(number / 0x100000000) + (number | 0));
  }

  addPair(forHigh: number, forLow: number): void {
    this.high = mixed(this.high, Math.imul(rotated(Math.imul(forHigh, 0xcc9e2d51), 15), 0x1b873593));
    this.low = mixed(this.low, Math.imul(rotated(Math.imul(forLow, 0x85ebca6b), 17), 0xc2b2ae35));
  }

  /** 16 hexadecimal digits. */
  text(): string {
    return hexadecimal(finished(this.high)) + hexadecimal(finished(this.low));
  }
}

function mixed(hash: number, word: number): number {
  return (Math.imul(rotated(hash ^ word, 13), 5) + 0xe6546b64) | 0;
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function finished(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

function hexadecimal(word: number): string {
  return word.toString(16).padStart(8, '0');
}
