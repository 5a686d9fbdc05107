import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { builtinPolicyPath } from '@skillrl/drivers';
import {
  startOllamaWireServer,
  startTinkerWireServer,
  temporaryFolder,
  writeTinyModel,
  type OllamaWireServer,
  type TinkerWireServer,
} from '@skillrl/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const guidesFolder = join(folder, '..', 'guides');

/** Every program in this folder; a new one is picked up. */
const programs = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.config.ts'));

/** The guides that link to programs of this folder. */
const guides = readdirSync(guidesFolder)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(join(guidesFolder, name), 'utf8') }))
  .map((guide) => ({ ...guide, programs: linkedPrograms(guide.text) }))
  .filter((guide) => guide.programs.length > 0);

let server: OllamaWireServer;
let trainer: TinkerWireServer;
beforeAll(async () => {
  const embeds = join(temporaryFolder(), 'embeds.gguf');
  writeTinyModel(embeds, { isEmbedder: true });
  server = await startOllamaWireServer({
    models: { 'qwen3:4b': builtinPolicyPath('base'), 'nomic-embed-text': embeds },
  });
  trainer = await startTinkerWireServer({ bases: { warm: 1 } });
}, 60_000);
afterAll(async () => {
  await server.close();
  await trainer.close();
});

describe.each(programs)('docs/examples/%s', (program) => {
  it('runs, complains of nothing, and prints what its guide says', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, program)], {
      cwd: temporaryFolder(),
      // Nothing is withheld by chance, so that what is printed is the same each time.
      env: {
        ...process.env,
        OLLAMA_HOST: server.url,
        SKILLRL_TRAINER_URL: trainer.url,
        SKILLRL_TRAINER_TOKEN: '',
        SKILLRL_WITHHOLDING: '0',
      },
    });
    expect(stderr).toBe('');
    const [guide] = guides.filter((one) => one.programs.includes(program));
    const [printed] = guide === undefined ? [] : blocksOf(guide.text, 'text');
    if (guide?.programs.length === 1 && printed !== undefined) expect(stdout).toBe(printed);
  }, 120_000);

  it('has a guide', () => {
    expect(guides.filter((guide) => guide.programs.includes(program)).map(({ name }) => name)).not.toEqual([]);
  });
});

describe.each(guides)('docs/guides/$name', ({ text, programs: linked }) => {
  const sources = linked.map((name) => readFileSync(join(folder, name), 'utf8'));
  const code = [...blocksOf(text, 'ts'), ...blocksOf(text, 'diff').map(afterwards)];

  it('shows code', () => expect(code.length).toBeGreaterThan(0));

  it.each(code)('shows what stands in its program: %s', (block) => {
    expect(sources.some((source) => source.includes(block))).toBe(true);
  });
});

it('the index names every guide', () => {
  const index = readFileSync(join(guidesFolder, 'README.md'), 'utf8');
  const names = readdirSync(guidesFolder).filter((name) => name.endsWith('.md') && name !== 'README.md');
  expect(names.filter((name) => !index.includes(`(${name})`))).toEqual([]);
});

function linkedPrograms(text: string): string[] {
  const links = [...text.matchAll(/\]\(\.\.\/examples\/([\w-]+\.ts)\)/g)].map(([, name]) => basename(name!));
  return [...new Set(links)];
}

function blocksOf(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block!);
}

/** The lines of a diff as they are after it. */
function afterwards(diff: string): string {
  return diff
    .split('\n')
    .filter((line) => !line.startsWith('-'))
    .map((line) => line.slice(1))
    .join('\n');
}
