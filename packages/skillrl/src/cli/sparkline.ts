const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** Values as a row of blocks, the lowest at the bottom; the last `width` of them. Missing ones are blanks. */
export function sparkline(values: readonly (number | undefined)[], width = 40): string {
  const shown = values.slice(-width);
  const known = shown.filter((value) => value !== undefined);
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  return shown
    .map((value) => (value === undefined ? ' ' : blocks[span === 0 ? 0 : Math.round(((value - low) / span) * 7)]))
    .join('');
}
