import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder, writeTinyModel } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { llamaCpp } from '../models/llama-cpp.ts';
import { readGgufHeader, readGgufLayout } from '../models/llama-cpp/gguf-header.ts';
import { ggufWithFacts } from './gguf-facts.ts';

describe('ggufWithFacts', () => {
  it('adds to the header and leaves every other key and every weight as it was', async () => {
    const path = join(temporaryFolder(), 'tiny.gguf');
    const other = join(temporaryFolder(), 'other.gguf');
    writeTinyModel(path);
    // Lengths that need every kind of padding.
    for (const value of ['', 'a', 'ein längerer Text', 'x'.repeat(31)]) {
      const facts = { 'skillrl.policy.version': value, 'skillrl.policy.base': 'b' };
      writeFileSync(other, Buffer.concat(await Array.fromAsync(ggufWithFacts(path, facts))));
      expect([...readGgufHeader(other)]).toEqual([...readGgufHeader(path), ...Object.entries(facts)]);
      const data = (file: string): Buffer => readFileSync(file).subarray(readGgufLayout(file).dataStart);
      expect(data(other).equals(data(path))).toBe(true);
      const said = await Promise.all(
        [path, other].map(async (modelPath) => {
          const model = await llamaCpp({ modelPath });
          const { text, tokens } = await model.chat({ prompt: ' go to', temperature: 0, maxTokens: 8 });
          await model.close?.();
          return { text, tokens };
        }),
      );
      expect(said[1]).toEqual(said[0]);
    }
  });

  it('refuses what is no GGUF file', async () => {
    const path = join(temporaryFolder(), 'junk');
    writeFileSync(path, 'no model');
    await expect(Array.fromAsync(ggufWithFacts(path, {}))).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID' });
  });
});
