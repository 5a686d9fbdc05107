import type { GameFile } from '../src/alfworld/engine/index.ts';
import { withCommandStyle } from '../src/alfworld/load/index.ts';

/** How a game is told in each release of the official data. */
export const releases: readonly { readonly name: string; of(file: GameFile): GameFile }[] = [
  { name: '2.1.1', of: (file) => withCommandStyle(file, 'put') },
  { name: '2.1.2', of: (file) => withCommandStyle(file, 'move') },
  { name: '2.1.3', of: (file) => cleanedAtBasins(withCommandStyle(file, 'move')) },
];

/** 2.1.3 differs from 2.1.2 in one line: things are cleaned at a sink's basin only. */
function cleanedAtBasins(file: GameFile): GameFile {
  const pddl_domain = file.pddl_domain.replace(/\(receptacleType \?r SinkType\)\s*/, '');
  if (pddl_domain === file.pddl_domain) throw new Error('The domain does not clean at sinks.');
  return { ...file, pddl_domain };
}
