/** What can be done with an item of a kind. */
export interface ItemKind {
  /** Fixtures are seen but never taken: lamps, plants, televisions. */
  readonly portable: boolean;
  readonly cleanable: boolean;
  readonly heatable: boolean;
  readonly coolable: boolean;
  readonly sliceable: boolean;
  /** Knives, which slice. */
  readonly sharp: boolean;
  /** Lamps, which are turned on. */
  readonly lamp: boolean;
  /** Mugs, bowls and the like, described by what is in them. */
  readonly vessel: boolean;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const fixtures = words('desklamp houseplant television');
const cleanable = words(
  'apple bowl butterknife cloth cup dishsponge egg fork kettle knife ladle lettuce mug pan plate pot potato soapbar spatula spoon tomato',
);
const heatable = words('apple bread cup egg mug plate potato tomato');
const coolable = words('apple bowl bread cup egg lettuce mug pan plate pot potato tomato winebottle');
const sliceable = words('apple bread egg lettuce potato tomato');
const sharp = words('butterknife knife');
const vessels = words('bowl box cup mug pan plate pot');
const openable = words('cabinet drawer fridge microwave safe');

/** The properties of a kind of item, the same as in the official games. */
export function itemKind(kind: string): ItemKind {
  return {
    portable: !fixtures.has(kind),
    cleanable: cleanable.has(kind),
    heatable: heatable.has(kind),
    coolable: coolable.has(kind),
    sliceable: sliceable.has(kind),
    sharp: sharp.has(kind),
    lamp: kind === 'desklamp',
    vessel: vessels.has(kind),
  };
}

/** Whether receptacles of the kind have a door or lid; those that have are closed when a game begins. */
export function isOpenable(receptacleKind: string): boolean {
  return openable.has(receptacleKind);
}

/** Whether an item of one kind can be put down in or on a receptacle of the other, as in the official games. */
export function fits(itemKindName: string, receptacleKind: string): boolean {
  return contents[receptacleKind]?.has(itemKindName) ?? false;
}

const contents: Readonly<Record<string, ReadonlySet<string>>> = Object.fromEntries(
  Object.entries({
    armchair: 'book box cellphone cloth creditcard keychain laptop newspaper pillow remotecontrol',
    bathtubbasin: 'cloth dishsponge handtowel soapbar',
    bed: 'book cellphone laptop pillow',
    cabinet:
      'book bowl box candle cd cloth cup dishsponge glassbottle handtowel kettle ladle mug newspaper pan peppershaker plate pot saltshaker soapbar soapbottle spraybottle tissuebox toiletpaper vase wateringcan winebottle',
    cart: 'candle cloth dishsponge handtowel soapbar soapbottle spraybottle tissuebox toiletpaper',
    coffeemachine: 'mug',
    coffeetable:
      'book bowl box candle cellphone creditcard keychain laptop newspaper pen pencil plate remotecontrol statue tissuebox vase watch wateringcan',
    countertop:
      'alarmclock apple book bowl bread butterknife candle cd cellphone cloth creditcard cup dishsponge egg fork glassbottle handtowel kettle keychain knife ladle laptop lettuce mug pan pen pencil peppershaker plate pot potato remotecontrol saltshaker soapbar soapbottle spatula spoon spraybottle statue tissuebox toiletpaper tomato vase winebottle',
    desk: 'alarmclock book bowl box cd cellphone cloth creditcard keychain laptop mug pen pencil remotecontrol statue tissuebox vase watch wateringcan',
    diningtable:
      'alarmclock apple book bowl box bread butterknife candle cd cellphone cloth creditcard cup dishsponge egg fork glassbottle kettle keychain knife ladle laptop lettuce mug newspaper pan pen pencil peppershaker plate pot potato remotecontrol saltshaker soapbottle spatula spoon spraybottle statue tissuebox tomato vase watch wateringcan winebottle',
    drawer:
      'book butterknife candle cd cellphone cloth creditcard dishsponge fork handtowel keychain knife ladle newspaper pen pencil peppershaker remotecontrol saltshaker soapbar soapbottle spatula spoon spraybottle tissuebox toiletpaper watch wateringcan',
    dresser:
      'alarmclock book bowl box candle cd cellphone cloth creditcard keychain laptop mug newspaper pen pencil plate remotecontrol spraybottle statue tissuebox toiletpaper vase watch wateringcan',
    fridge: 'apple bowl bread cup egg glassbottle lettuce mug pan plate pot potato tomato winebottle',
    garbagecan:
      'apple bread cd cloth dishsponge egg handtowel lettuce newspaper pen pencil potato soapbar soapbottle spraybottle tissuebox toiletpaper tomato winebottle',
    handtowelholder: 'handtowel',
    laundryhamper: 'cloth',
    microwave: 'apple bowl bread cup egg glassbottle mug plate potato tomato',
    ottoman: 'book box cellphone creditcard keychain laptop newspaper pillow remotecontrol',
    safe: 'cd cellphone creditcard keychain statue vase',
    shelf:
      'alarmclock book bowl box candle cd cellphone cloth creditcard cup dishsponge glassbottle handtowel kettle keychain mug newspaper pen pencil peppershaker plate pot remotecontrol saltshaker soapbar soapbottle spraybottle statue tissuebox toiletpaper vase watch wateringcan winebottle',
    sidetable:
      'alarmclock apple book bowl box bread butterknife candle cd cellphone cloth creditcard cup dishsponge egg fork handtowel kettle keychain knife laptop lettuce mug newspaper pan pen pencil peppershaker plate pot potato remotecontrol saltshaker soapbar soapbottle spatula spoon spraybottle statue tissuebox toiletpaper tomato vase watch wateringcan winebottle',
    sinkbasin:
      'apple bowl butterknife cloth cup dishsponge egg fork glassbottle handtowel kettle knife ladle lettuce mug pan plate pot potato soapbar spatula spoon tomato',
    sofa: 'book box cellphone creditcard keychain laptop newspaper pillow remotecontrol',
    stoveburner: 'kettle pan pot',
    toilet: 'candle cloth dishsponge handtowel soapbar soapbottle spraybottle tissuebox toiletpaper',
    toiletpaperhanger: 'toiletpaper',
    towelholder: 'towel',
    tvstand: 'tissuebox',
  }).map(([receptacle, items]) => [receptacle, words(items)]),
);
