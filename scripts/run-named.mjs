import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Runs `scripts/KIND/NAME.ts`, which exports `description` and a function called KIND that takes the remaining
 * arguments; without a name, lists what there is.
 *
 * @param {'measure' | 'experiment'} kind
 * @param {readonly string[]} argv
 * @param {string} [folder] - that holds the files. Default: `scripts/KIND`.
 * @returns {Promise<number>} the exit code: 2 for a name that does not exist.
 */
export async function runNamed(kind, [name, ...args], folder = join(dirname(fileURLToPath(import.meta.url)), kind)) {
  const names = namesIn(folder);
  if (name === undefined || name === '--help') {
    console.log(`npm run ${kind} -- NAME [arguments]\n`);
    for (const one of names) console.log(`  ${one.padEnd(20)} ${(await load(folder, one)).description}`);
    return 0;
  }
  if (!names.includes(name)) {
    console.error(`There is no ${kind} called ${name}; there are: ${names.join(', ') || 'none'}.`);
    return 2;
  }
  await (await load(folder, name))[kind](args);
  return Number(process.exitCode ?? 0);
}

/** @param {string} folder */
function namesIn(folder) {
  try {
    // A worker of a program and its tests stand beside it.
    const files = readdirSync(folder).filter((file) => /^[\w-]+\.ts$/.test(file) && !file.endsWith('-worker.ts'));
    return files.map((file) => file.slice(0, -'.ts'.length)).sort();
  } catch {
    return [];
  }
}

/** @param {string} folder @param {string} name */
function load(folder, name) {
  return import(pathToFileURL(join(folder, `${name}.ts`)).href);
}
