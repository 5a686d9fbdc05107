/** The text before the first place where any of the stop texts begins; `undefined` when none occurs. */
export function beforeStop(text: string, stop: readonly string[]): string | undefined {
  const places = stop.map((end) => text.indexOf(end)).filter((place) => place !== -1);
  return places.length === 0 ? undefined : text.slice(0, Math.min(...places));
}
