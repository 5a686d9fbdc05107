// `npm run measure -- NAME`: speed, memory or durability of a part, beside its physical floor or a peer.
import { runNamed } from './run-named.mjs';

process.exitCode = await runNamed('measure', process.argv.slice(2));
