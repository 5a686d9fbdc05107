import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ModelError } from '@skillrl/core';

/** `base` plays best; `warm` is weaker, for reinforcement learning to start from. */
export type BuiltinPolicy = 'base' | 'warm';

export const builtinPolicies: readonly BuiltinPolicy[] = ['base', 'warm'];

/** The folder of a policy that comes with this package: weights, tokenizer, manifest and recorded answers. It may not exist. */
export function builtinPolicyFolder(name: BuiltinPolicy): string {
  return fileURLToPath(new URL(`../../policies/${name}`, import.meta.url));
}

/**
 * Path of the GGUF file of a policy that comes with this package.
 *
 * @throws {ModelError} `POLICY_MISSING` where it was not installed or not trained yet.
 */
export function builtinPolicyPath(name: BuiltinPolicy): string {
  const path = `${builtinPolicyFolder(name)}/model-f16.gguf`;
  if (existsSync(path)) return path;
  throw new ModelError({
    code: 'POLICY_MISSING',
    message: `The built-in policy '${name}' is not in this installation: there is no file '${path}'.`,
    hint: 'Install the package again; in a checkout, train it with npm run train:policy.',
  });
}
