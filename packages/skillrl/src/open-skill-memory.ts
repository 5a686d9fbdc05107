import { resolve } from 'node:path';

import { type ChatModel, type Logger, type Progress, silentLogger } from '@skillrl/core';
import { createVectorIndex, savedIndexFiles, sqlite } from '@skillrl/drivers';
import { embedder, embedderOf } from './models.ts';
import { createMemory, type Memory, type MemoryOptions } from '@skillrl/memory';

import { type Config, loadConfig } from './config.ts';
import { makeFolder, projectFolder } from './project-folder.ts';

export interface OpenSkillMemoryOptions extends Partial<Omit<Config, 'folder'>> {
  /** Distils failures into lessons. Default: the contrastive distiller, which needs no model. */
  readonly distillerModel?: ChatModel;
  readonly distillers?: MemoryOptions['distillers'];
  /** Applied to every text before it is written. */
  readonly redact?: MemoryOptions['redact'];
  readonly logger?: Logger;
  readonly progress?: Progress;
}

/**
 * Opens, or makes, a memory in a folder. Closing it closes everything it opened.
 *
 * @param folder - default: the setting `folder`, `.skillrl`.
 * @throws {ConfigError} when a setting is wrong. @throws {FileError} when the folder cannot be made.
 * @throws {StoreError} when the store in it cannot be written or is of another version.
 */
export async function openSkillMemory(folder?: string, options: OpenSkillMemoryOptions = {}): Promise<Memory> {
  const { distillerModel, distillers, redact, logger = silentLogger, progress, ...settings } = options;
  const { config } = await loadConfig({
    flags: { ...settings, folder: folder === undefined ? undefined : resolve(folder) },
  });
  const { root, database, indexes } = projectFolder(config.folder);
  makeFolder(root);
  const store = sqlite({ path: database });
  const embeds = embedder(config.embedder);
  const memory = createMemory(
    {
      episodes: store.episodes,
      entries: store.entries,
      embedder: embeds,
      embedderOf,
      createVectorIndex,
      savedIndexes: savedIndexFiles({ folder: indexes }),
      distillerModel,
      logger,
      progress,
    },
    {
      namespace: config.namespace,
      distillers,
      redact,
      recall: {
        budgetTokens: config.budgetTokens,
        withholdProbability: config.withholding,
        embedTimeoutMs: config.embedderTimeoutMs,
      },
    },
  );
  const serving = await store.entries.servingEmbedder(config.namespace);
  if (serving !== undefined && serving !== embeds.id) {
    const message = `The bank is embedded by '${serving}', not by '${embeds.id}' of the settings, and is searched with its own. To change it: skillrl bank embed --embedder ${config.embedder}`;
    logger.warn(message, { serving, setting: embeds.id });
    progress?.({ type: 'notice', message });
  }
  const close = async (): Promise<void> => {
    await memory.close();
    await embeds.close?.();
    await store.close();
  };
  return { ...memory, close, [Symbol.asyncDispose]: close };
}
