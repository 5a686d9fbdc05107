import { existsSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { builtinPolicyFolder, builtinPolicyPath, llamaCpp } from '../../packages/drivers/src/index.ts';
import { writeTinyModel } from '../../packages/testing/src/index.ts';

export const description = 'Model in the process: ms a turn of an episode, tokens/s, start-up, cached and not';

/** One measured quantity. */
interface Measurement {
  readonly quantity: string;
  /** Median over the repetitions. */
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
  readonly unit: string;
}

const turns = 30;
/** About what an observation and the prompt's mark are in tokens: ten. */
const observation = ' book 1 mug 2 pen 1 desklamp 1\n>';
const head = 'task put a mug in desk\nroom bed 1 cabinet 6 desk 2 drawer 4 garbagecan 1 shelf 3\n>';

/**
 * Prints the measurements as a table, or with `--json` as one JSON object. `--model FILE`: a GGUF file (default: the built-in policy, or
 * made-up weights of the same size where it is not trained yet). `--repeat N`: episodes, default 20. Processor time of one core.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean' }, model: { type: 'string' }, repeat: { type: 'string', default: '20' } },
  });
  const modelPath = values.model ?? defaultModel();
  const repeat = Number(values.repeat);
  const results: Measurement[] = [];

  const begin = performance.now();
  const model = await llamaCpp({ modelPath });
  results.push(summary('first model in a process, llama.cpp included', 'ms', [performance.now() - begin]));

  const cached: number[] = [];
  const alone: number[] = [];
  const generated: number[] = [];
  for (let episode = -1; episode < repeat; episode += 1) {
    const kept = await play(`episode-${episode}`, episode);
    model.release?.(`episode-${episode}`);
    const forgotten = episode % 4 === 0 ? await play(undefined, episode) : undefined;
    if (episode < 0) continue; // pages of the file read, functions compiled
    cached.push(kept.ms / turns);
    generated.push(kept.tokens / turns);
    if (forgotten !== undefined) alone.push(forgotten.ms / turns);
  }
  results.push(summary('a turn, prompt kept between turns', 'ms', cached));
  results.push(summary('a turn, prompt evaluated anew', 'ms', alone));
  results.push(summary('tokens sampled a turn', 'tokens', generated));
  const long = await spent(() => model.chat({ prompt: head, maxTokens: 400, temperature: 1, seed: 1 }));
  results.push(summary('one long reply', 'tokens/s', [(long.result.completionTokens / long.ms) * 1000]));
  await model.close?.();

  async function play(cacheKey: string | undefined, seed: number): Promise<{ ms: number; tokens: number }> {
    let tokens = 0;
    const { ms } = await spent(async () => {
      let prompt = head;
      for (let turn = 0; turn < turns; turn += 1) {
        const request = { prompt, cacheKey, temperature: 0.7, seed: seed * 1000 + turn, stop: ['\n'], maxTokens: 8 };
        const reply = await model.chat(request);
        tokens += reply.completionTokens;
        prompt += `${reply.text}\n${observation}`;
      }
    });
    return { ms, tokens };
  }

  const machine = { processor: cpus()[0]?.model, node: process.version, model: model.id };
  if (values.json) console.log(JSON.stringify({ machine, repeat, measurements: results }, undefined, 2));
  else printTable(machine, results);
}

function defaultModel(): string {
  if (existsSync(builtinPolicyFolder('base'))) return builtinPolicyPath('base');
  const path = join(tmpdir(), 'skillrl-measure-model.gguf');
  writeTinyModel(path, { width: 160, layers: 4 });
  return path;
}

async function spent<Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly ms: number }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, ms: (user + system) / 1000 };
}

function summary(quantity: string, unit: string, found: readonly number[]): Measurement {
  const sorted = found.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  return { quantity, unit, value: at(0.5), lowest: at(0), highest: at(1) };
}

function printTable(machine: object, results: readonly Measurement[]): void {
  console.log(`${Object.values(machine).join(', ')}; processor time, median (lowest to highest)\n`);
  const width = Math.max(...results.map(({ quantity }) => quantity.length));
  for (const { quantity, value, lowest, highest, unit } of results) {
    console.log(`${quantity.padEnd(width)}  ${rounded(value)} ${unit} (${rounded(lowest)} to ${rounded(highest)})`);
  }
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toString() : value.toPrecision(3);
}
