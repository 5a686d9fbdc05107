import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ChatModel, Checkpoint, ModelServer } from '@skillrl/core';
import { afterEach, expect, it } from 'vitest';

import { temporaryFolder } from './temporary-folder.ts';
import { sealed, writeTinyCheckpoint } from './tiny-checkpoint.ts';

/** Where a server's versions are: empty at first, and opened as often as a test likes. */
export interface ModelServerPlace {
  readonly open: () => ModelServer;
  /** The model that a string of the server chooses. */
  readonly model: (spec: string) => ChatModel;
  /** Makes what else a checkpoint needs to be published here, such as what a trainer keeps of it. Default: nothing. */
  readonly prepare?: (checkpoint: Checkpoint, seed: number) => Promise<Checkpoint>;
  /** What can go wrong at it: `strike` begins it, and what it returns ends it. */
  readonly faults?: readonly { readonly name: string; readonly code: string; readonly strike: () => () => void }[];
}

export interface ModelServerSuiteOptions {
  readonly place: () => Promise<ModelServerPlace> | ModelServerPlace;
  /** Which checkpoints it takes. Default `full`. */
  readonly kind?: Checkpoint['kind'];
  /** The file of a checkpoint that it loads. Default `model-f16.gguf`. */
  readonly loads?: string;
  /** Names of the faults that `place` has. */
  readonly faults?: readonly string[];
}

interface Opened extends ModelServerPlace {
  readonly server: ModelServer;
  /** A checkpoint of its own, of weights that the number chooses. */
  readonly checkpoint: (number: number, more?: object) => Promise<Checkpoint>;
}

/** What every `ModelServer` must do. Call it inside a `describe` of the driver. */
export function testModelServer(options: ModelServerSuiteOptions): void {
  const { kind = 'full', loads = 'model-f16.gguf', faults = [] } = options;
  const models: ChatModel[] = [];
  afterEach(async () => {
    for (const model of models.splice(0)) await model.close?.();
  });
  const opened = async (): Promise<Opened> => {
    const place = await options.place();
    const prepare = place.prepare ?? (async (made: Checkpoint) => made);
    const checkpoint: Opened['checkpoint'] = (number, more = {}) => {
      const facts = { version: `v${number}`, seed: number, kind, ...more };
      return prepare(writeTinyCheckpoint(join(temporaryFolder(), `v${number}`), facts), number);
    };
    return { ...place, server: place.open(), checkpoint };
  };
  const chat = ({ model }: ModelServerPlace, spec: string): ChatModel => {
    const found = model(spec);
    models.push(found);
    return found;
  };
  const say = async (model: ChatModel): Promise<string> =>
    (await model.chat({ prompt: ' go to desk 1\n>', temperature: 0, maxTokens: 8 })).text;

  it('has a name, and nothing before the first publication', async () => {
    const { server } = await opened();
    expect(server.id).not.toBe('');
    expect(await server.versions()).toEqual([]);
    expect(await server.live()).toBeUndefined();
  });

  it('publishes a version that answers, and does not make it live', async () => {
    const place = await opened();
    const one = await place.checkpoint(1);
    const served = await place.server.publish(one);
    expect(served).toMatchObject({ version: 'v1', sha256: one.sha256 });
    expect(await place.server.versions()).toEqual([served]);
    expect(await place.server.live()).toBeUndefined();
    const model = chat(place, served.model);
    expect(await say(model)).not.toBe('');
    expect(model.capabilities.tokens).toBe(place.server.capabilities.tokens);
  });

  it('leaves a version that is there as it is, and refuses other weights under its name', async () => {
    const { server, checkpoint } = await opened();
    const one = await checkpoint(1);
    const served = await server.publish(one);
    expect(await server.publish(one)).toEqual(served);
    await expect(server.publish(await checkpoint(2, { version: 'v1' }))).rejects.toMatchObject({
      code: 'VERSION_EXISTS',
    });
    expect(await server.versions()).toEqual([served]);
  });

  it('answers with another version as soon as that is live, and with the older one when it is rolled back', async () => {
    const place = await opened();
    const { server, checkpoint } = place;
    const [one, two] = [await server.publish(await checkpoint(1)), await server.publish(await checkpoint(2))];
    await server.goLive('v1');
    expect(await server.live()).toEqual(one);
    const live = chat(place, server.liveModel);
    const first = await say(live);
    expect(first).toBe(await say(chat(place, one.model)));
    await server.goLive('v2');
    expect(await server.live()).toEqual(two);
    const second = await say(live);
    expect(second).toBe(await say(chat(place, two.model)));
    expect(second).not.toBe(first);
    await server.goLive('v1');
    expect(await say(live)).toBe(first);
    expect(await say(chat(place, two.model))).toBe(second);
  });

  it('finishes a request with the version it began with', async () => {
    const place = await opened();
    const { server, checkpoint } = place;
    await server.publish(await checkpoint(1));
    await server.publish(await checkpoint(2));
    await server.goLive('v1');
    const live = chat(place, server.liveModel);
    const expected = await say(live);
    const begun = say(live);
    await server.goLive('v2');
    expect(await begun).toBe(expected);
    expect(await say(live)).not.toBe(expected);
  });

  it('refuses to make live what was never published', async () => {
    const { server, checkpoint } = await opened();
    await server.publish(await checkpoint(1));
    await server.goLive('v1');
    await expect(server.goLive('v2')).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
    expect((await server.live())?.version).toBe('v1');
  });

  it('removes a version, and never the live one', async () => {
    const { server, checkpoint } = await opened();
    await server.publish(await checkpoint(1));
    await server.publish(await checkpoint(2));
    await server.goLive('v2');
    await expect(server.remove('v2')).rejects.toMatchObject({ code: 'VERSION_LIVE' });
    await server.remove('v1');
    await server.remove('v1');
    await server.remove('v9');
    expect((await server.versions()).map(({ version }) => version)).toEqual(['v2']);
    await expect(server.goLive('v1')).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
    await server.publish(await checkpoint(1));
    await server.goLive('v1');
    expect((await server.live())?.version).toBe('v1');
  });

  it('lists versions in the order they were made, and knows them again when it is opened anew', async () => {
    const place = await opened();
    const served = [];
    for (const number of [10, 2, 3]) served.push(await place.server.publish(await place.checkpoint(number)));
    await place.server.goLive('v2');
    await place.server.close();
    const again = place.open();
    expect(await again.versions()).toEqual([served[1], served[2], served[0]]);
    expect(await again.live()).toEqual(served[1]);
    expect(await say(chat(place, again.liveModel))).toBe(await say(chat(place, served[1]!.model)));
  });

  it.each([
    ['CHECKPOINT_INCOMPLETE', 'without the file that is loaded', (path: string) => rmSync(join(path, loads))],
    ['CHECKPOINT_INCOMPLETE', 'without its weights', (path: string) => rmSync(join(path, 'model.safetensors'))],
    ['CHECKPOINT_CORRUPT', 'with a changed file', (path: string) => writeFileSync(join(path, loads), 'other')],
    ['CHECKPOINT_CORRUPT', 'with changed weights', (path: string) => truncateSync(join(path, 'model.safetensors'), 99)],
  ])('refuses with %s a checkpoint %s; nothing is left of it', async (code, _, damage) => {
    const { server, checkpoint } = await opened();
    const [one, two] = [await checkpoint(1), await checkpoint(2)];
    await server.publish(one);
    await server.goLive('v1');
    damage(two.path);
    await expect(server.publish(two)).rejects.toMatchObject({ code, hint: expect.any(String) as string });
    expect((await server.versions()).map(({ version }) => version)).toEqual(['v1']);
    expect((await server.live())?.sha256).toBe(one.sha256);
    await server.publish(await checkpoint(2));
  });

  it('takes back a version that does not load, although its files are those that were made', async () => {
    const place = await opened();
    const { server, checkpoint } = place;
    await server.publish(await checkpoint(1));
    await server.goLive('v1');
    const before = await say(chat(place, server.liveModel));
    const two = await checkpoint(2);
    truncateSync(join(two.path, loads), Math.floor(statSync(join(two.path, loads)).size * 0.9));
    await expect(server.publish(sealed(two))).rejects.toMatchObject({ boundary: 'server' });
    expect((await server.versions()).map(({ version }) => version)).toEqual(['v1']);
    expect(await say(chat(place, server.liveModel))).toBe(before);
    await server.publish(await checkpoint(2));
  });

  it('refuses a checkpoint of another base or another tokenizer than the live one has', async () => {
    const { server, checkpoint } = await opened();
    const other = { ...(await checkpoint(2)), base: 'c'.repeat(64) };
    await server.publish(await checkpoint(1));
    await server.publish(other);
    await server.goLive('v1');
    await expect(server.goLive('v2')).rejects.toMatchObject({ code: 'CHECKPOINT_OTHER_BASE' });
    expect((await server.live())?.version).toBe('v1');
    const third = await checkpoint(3);
    await expect(server.publish({ ...third, base: other.base })).rejects.toMatchObject({
      code: 'CHECKPOINT_OTHER_BASE',
    });
    await expect(server.publish({ ...third, tokenizer: 'd'.repeat(64) })).rejects.toMatchObject({
      code: 'CHECKPOINT_OTHER_TOKENIZER',
    });
    expect((await server.versions()).map(({ version }) => version)).toEqual(['v1', 'v2']);
  });

  it.each(['', 'live', '../v1', 'v 1', 'v:1', '.v1', 'x'.repeat(65)])("refuses '%s' for a name", async (version) => {
    const { server, checkpoint } = await opened();
    const refusal = { code: 'VERSION_INVALID' };
    await expect(server.publish({ ...(await checkpoint(1)), version })).rejects.toMatchObject(refusal);
    await expect(server.goLive(version)).rejects.toMatchObject(refusal);
    await expect(server.remove(version)).rejects.toMatchObject(refusal);
  });

  for (const name of faults) {
    it(`leaves everything as it was when a publication meets ${name}, and publishes when that is over`, async () => {
      const place = await opened();
      const { server, checkpoint } = place;
      const fault = place.faults?.find((each) => each.name === name);
      await server.publish(await checkpoint(1));
      await server.goLive('v1');
      const before = await say(chat(place, server.liveModel));
      const end = fault!.strike();
      await expect(server.publish(await checkpoint(2))).rejects.toMatchObject({
        code: fault!.code,
        hint: expect.any(String) as string,
      });
      end();
      expect((await server.versions()).map(({ version }) => version)).toEqual(['v1']);
      expect(await say(chat(place, server.liveModel))).toBe(before);
      await server.publish(await checkpoint(2));
      await server.goLive('v2');
      expect((await server.live())?.version).toBe('v2');
    });
  }
}
