// `npm run layers`: compares every package.json and every import with layers.json, and looks for import cycles.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkWorkspace } from './layers/check-workspace.mjs';
import { readWorkspace } from './layers/read-workspace.mjs';

const workspace = readWorkspace(dirname(dirname(fileURLToPath(import.meta.url))));
const problems = checkWorkspace(workspace);
for (const problem of problems) console.error(problem);
const files = workspace.packages.reduce((sum, { files }) => sum + files.length, 0);
console.log(`Layers: ${workspace.packages.length} packages, ${files} files, ${problems.length} problems.`);
process.exitCode = problems.length > 0 ? 1 : 0;
