import { layoutHash } from './canonical.ts';
import type { Receptacle } from './house.ts';
import type { PanelName } from './panel-name.ts';

/**
 * The panel a layout belongs to: the space of layout hashes is divided among the panels (policy 8, bank 2, development 2, test 4 sixteenths).
 * So no layout, and no game, is ever in two panels, whichever seeds they are drawn from.
 */
export function panelOf(receptacles: readonly Receptacle[]): PanelName {
  const sixteenth = Number.parseInt(layoutHash(receptacles).slice(0, 1), 16);
  if (sixteenth < 8) return 'policy';
  if (sixteenth < 10) return 'bank';
  return sixteenth < 12 ? 'development' : 'test';
}
