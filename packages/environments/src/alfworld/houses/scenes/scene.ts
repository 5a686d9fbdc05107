/** A kind of room. */
export type SceneName = 'kitchen' | 'bedroom' | 'livingroom' | 'bathroom';

/** A value and how often it is drawn, relative to its siblings. */
export type Weighted<T> = readonly (readonly [value: T, weight: number])[];

export interface SceneItem {
  readonly kind: string;
  /** Share of such rooms that have this kind of item at all, in [0, 1]. */
  readonly presence: number;
  /** How many of them a game has, when the room has them. */
  readonly count: Weighted<number>;
  /** Kinds of receptacle it is found in. */
  readonly places: Weighted<string>;
}

/** What one kind of room holds: a small table of counts, from which rooms of that kind are drawn. */
export interface Scene {
  readonly name: SceneName;
  /** How many of each kind of receptacle a room has; 0 is among the values when it can be missing. */
  readonly receptacles: readonly { readonly kind: string; readonly count: Weighted<number> }[];
  readonly items: readonly SceneItem[];
}

export interface SceneNotation {
  /** `'0x23 1 2 4x2'`: of 27 rooms 23 have none, one has 1, one has 2, two have 4. */
  readonly receptacles: Readonly<Record<string, string>>;
  /** `'44 | 60 27 13 | desk 47 shelf 24'`: in 44 % of rooms; there 1, 2 or 3 of it (official 4 count as 3) in 60, 27, 13 % of games; 47 % on desks. */
  readonly items: Readonly<Record<string, string>>;
}

/** Reads the notation in which the room tables are written. */
export function readScene(name: SceneName, notation: SceneNotation): Scene {
  return {
    name,
    receptacles: Object.entries(notation.receptacles).map(([kind, counts]) => ({ kind, count: readCounts(counts) })),
    items: Object.entries(notation.items).map(([kind, text]) => readItem(kind, text)),
  };
}

function readCounts(text: string): Weighted<number> {
  return text.split(' ').map((run) => {
    const [count, times] = run.split('x');
    return [Number(count), Number(times ?? 1)] as const;
  });
}

function readItem(kind: string, text: string): SceneItem {
  const [presence = '', counts = '', places = ''] = text.split(' | ');
  const words = places.split(' ');
  return {
    kind,
    presence: Number(presence) / 100,
    count: counts.split(' ').map((weight, index) => [index + 1, Number(weight)] as const),
    places: words.flatMap((word, index) => (index % 2 === 0 ? [[word, Number(words[index + 1])] as const] : [])),
  };
}
