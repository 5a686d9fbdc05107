import { fileURLToPath } from 'node:url';
import { requirement, type Requirement } from '@skillrl/testing';

import { ensurePythonEnvironment } from '../../../scripts/python-environment.mjs';

/**
 * The Python that has the real engine; made when it is missing, which takes a minute or two.
 *
 * @returns the path of that Python, or why there is none.
 */
export async function oracleEnvironment(): Promise<Requirement> {
  const python = requirement('python');
  if (!python.available) return python;
  try {
    const path = await ensurePythonEnvironment({
      name: 'oracle',
      requirements: fileURLToPath(new URL('./requirements.txt', import.meta.url)),
      onProgress: (line) => process.stderr.write(`${line}\n`),
    });
    return { name: 'python', available: true, path };
  } catch (error) {
    return { name: 'python', available: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
