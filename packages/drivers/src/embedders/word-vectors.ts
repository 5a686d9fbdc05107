import { readFile } from 'node:fs/promises';
import { EmbedderError, parse } from '@skillrl/core';
import { z } from 'zod';

/** The table that scripts/make-word-vectors.mjs makes. The vector of a text is the sum of its words' rows. */
export interface WordVectors {
  readonly dimensions: number;
  /** Row of each word, from 0, the most frequent word first. */
  readonly rowOf: ReadonlyMap<string, number>;
  /** Row-major, `words × dimensions`: odd numbers from −15 to 15, in half steps. */
  readonly levels: Int8Array;
  /** What a level of a row is worth. */
  readonly steps: Float32Array;
  /** Length of a typical row. */
  readonly typicalLength: number;
}

const headerSchema = z.object({
  format: z.literal('word-vectors-1'),
  words: z.number().int().positive(),
  dimensions: z.number().int().positive(),
  wordBytes: z.number().int().positive(),
  stepUnit: z.number().positive(),
  typicalLength: z.number().positive(),
});

const packagedTable = new URL('../../assets/word-vectors.bin', import.meta.url);

/** @throws {EmbedderError} `WORD_VECTORS_UNREADABLE` when the file is missing or not as it was made. */
export async function loadWordVectors(file: URL | string = packagedTable): Promise<WordVectors> {
  try {
    return readTable(await readFile(file));
  } catch (cause) {
    throw new EmbedderError({
      code: 'WORD_VECTORS_UNREADABLE',
      message: `The table of word vectors cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'It is part of the package: install it again, or make the table anew with scripts/make-word-vectors.mjs.',
      cause,
    });
  }
}

function readTable(bytes: Buffer): WordVectors {
  const headerEnd = bytes.indexOf('\n') + 1;
  const header = parse(headerSchema, JSON.parse(bytes.toString('utf8', 0, headerEnd)), 'head of the table');
  const { words, dimensions, wordBytes, stepUnit, typicalLength } = header;
  const stepsStart = headerEnd + wordBytes;
  const levelsStart = stepsStart + words * 2;
  const end = levelsStart + (words * dimensions) / 2;
  if (bytes.length !== end) throw new Error(`it has ${bytes.length} bytes instead of ${end}`);

  const spelled = bytes.toString('utf8', headerEnd, stepsStart - 1).split('\n');
  const steps = Float32Array.from(
    { length: words },
    (_, row) => (bytes.readUInt16LE(stepsStart + row * 2) * stepUnit) / 2,
  );
  const levels = new Int8Array(words * dimensions);
  for (let pair = levelsStart; pair < end; pair += 1) {
    const byte = bytes[pair]!;
    const position = (pair - levelsStart) * 2;
    levels[position] = (byte & 15) * 2 - 15;
    levels[position + 1] = (byte >> 4) * 2 - 15;
  }
  return { dimensions, rowOf: new Map(spelled.map((word, row) => [word, row])), levels, steps, typicalLength };
}
