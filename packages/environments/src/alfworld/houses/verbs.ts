import type { PanelName } from './panel-name.ts';
import type { Random } from './random.ts';

/** Made-up verbs of every panel, those of policy training included. */
export const commonVerbs = [
  'dax',
  'wug',
  'blick',
  'fep',
  'toma',
  'zib',
  'gorp',
  'mip',
  'nonk',
  'rilt',
  'snarp',
  'vask',
] as const;

/** Made-up verbs that no game of the policy panel uses: a policy meets them for the first time when it is tested. */
export const reservedVerbs = ['kiv', 'jat', 'murd', 'oskel', 'yimp', 'trab', 'huz', 'bemmel'] as const;

/** The verbs a house of the panel may use: common ones for policy training; elsewhere, half of the houses use reserved ones. */
export function verbsOf(panel: PanelName, random: Random): readonly string[] {
  return panel !== 'policy' && random.chance(0.5) ? reservedVerbs : commonVerbs;
}
