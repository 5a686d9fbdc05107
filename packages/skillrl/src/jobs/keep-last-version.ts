import type { PolicyRegistry } from '@skillrl/drivers';
import { type IterationPorts, type IterationState } from '@skillrl/training';

/**
 * Takes the version that a finished run plays with into the registry, live or not: whoever wants it publishes it by its name. One that is there, as
 * each that went live is, is left as it is. May be done again; what was exported for it stays in `weightsFolder`.
 *
 * @throws what the trainer throws when it exports, and `PolicyRegistry.add`.
 */
export async function keepLastVersion(
  { served, bankRevision }: Pick<IterationState, 'served' | 'bankRevision'>,
  { model, weightsFolder, tokenizer, bank }: Pick<IterationPorts, 'model' | 'weightsFolder' | 'tokenizer' | 'bank'>,
  registry: PolicyRegistry,
): Promise<void> {
  const { version, weights } = served;
  if ((await registry.list()).some((one) => one.version === version)) return;
  const createdAt = Date.now();
  // What a process that died had begun keeps its own name.
  const name = `${version}-kept-${createdAt.toString(36)}`;
  const path = weightsFolder(name);
  await model.load(weights.path);
  const { sha256 } = await model.exportWeights(name, path);
  const { kind, base } = model.info;
  await registry.add({
    version,
    kind,
    base,
    tokenizer,
    path,
    sha256,
    createdAt,
    ...(bank !== undefined && { bankRevision }),
  });
}
