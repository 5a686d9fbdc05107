/** What a row's codes do not say. */
export interface RowCode {
  /** value ≈ scale × (code − 64) */
  readonly scale: number;
  /** Euclidean norm of what is lost by that, not too small. */
  readonly error: number;
}

/** Writes a row's codes, 1 to 127, into `codes`; 64 stands for zero. */
export function quantiseRow(unit: Float32Array, codes: Uint8Array): RowCode {
  // The scan reads it in single precision, so the error must be of that scale.
  const scale = Math.fround(largest(unit) / 63);
  const perStep = 1 / scale;
  let squares = 0;
  for (let place = 0; place < unit.length; place += 1) {
    // Rounded to the nearest: what is cut off is positive, 1.5 to 127.5.
    const code = (unit[place]! * perStep + 64.5) | 0;
    codes[place] = code;
    const lost = unit[place]! - (code - 64) * scale;
    squares += lost * lost;
  }
  return { scale, error: Math.fround(Math.sqrt(squares) * roundedUp) };
}

export interface QueryCode {
  /** value ≈ scale × code */
  readonly scale: number;
  /** 64 × the sum of the codes: what the rows' offset of 64 adds to every product. */
  readonly bias: number;
  /** Euclidean norm of what the codes stand for. */
  readonly norm: number;
  /** Euclidean norm of what is lost. */
  readonly error: number;
}

/** Writes a query's codes, −127 to 127, into `codes`. */
export function quantiseQuery(unit: Float32Array, codes: Int8Array): QueryCode {
  const scale = Math.fround(largest(unit) / 127);
  const perStep = 1 / scale;
  let [sum, norm, error] = [0, 0, 0];
  for (let place = 0; place < unit.length; place += 1) {
    const code = ((unit[place]! * perStep + 128.5) | 0) - 128;
    codes[place] = code;
    sum += code;
    norm += code * code;
    error += (unit[place]! - code * scale) ** 2;
  }
  return {
    scale,
    bias: 64 * sum,
    norm: Math.fround(Math.sqrt(norm) * scale * roundedUp),
    error: Math.sqrt(error) * roundedUp,
  };
}

/** Beyond what rounding to single precision takes away. */
const roundedUp = 1 + 1e-6;

function largest(unit: Float32Array): number {
  let size = 0;
  for (let place = 0; place < unit.length; place += 1) {
    const value = unit[place]!;
    if (value > size) size = value;
    else if (-value > size) size = -value;
  }
  return size;
}
