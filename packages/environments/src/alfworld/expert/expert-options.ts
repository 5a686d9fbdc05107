import type { SearchStyle } from './search.ts';

/** How the expert acts. */
export interface ExpertOptions extends SearchStyle {
  /** `move … to` of the current data, `put … in/on` of version 2.1.1. Default `move`. */
  readonly commandStyle?: 'move' | 'put';
  /**
   * How many meanings of an undefined verb are tried before the object is put down for the first time (cleaning goes with one of heating
   * and cooling), and whether it is taken up again when that was wrong. Default `{ before: 2, again: true }`.
   */
  readonly guesses?: { readonly before: 1 | 2; readonly again: boolean };
}
