// `npm run experiment -- NAME`: a claim, tested under the protocol of the documentation of benchmarks.
import { runNamed } from './run-named.mjs';

process.exitCode = await runNamed('experiment', process.argv.slice(2));
