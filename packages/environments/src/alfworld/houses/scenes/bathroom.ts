import { readScene } from './scene.ts';

/**
 * Bathrooms: the only other rooms that clean. Counted from the official training games of 27 rooms by `scripts/count-rooms.ts`; see `readScene` for the notation.
 */
export const bathroom = readScene('bathroom', {
  receptacles: {
    bathtubbasin: '0x7 1x20',
    cabinet: '0x14 2 3 4x8 5x2 9',
    cart: '0x25 1x2',
    countertop: '0x4 1x19 2x4',
    drawer: '0x12 1x2 2x3 4x4 6x2 8x4',
    dresser: '0x25 1x2',
    garbagecan: '1x27',
    handtowelholder: '1x16 2x10 4',
    shelf: '0x20 1x3 2x2 3 4',
    sidetable: '0x25 1x2',
    sinkbasin: '1x15 2x12',
    toilet: '1x27',
    toiletpaperhanger: '1x27',
    towelholder: '1x19 2x8',
  },
  items: {
    candle: '100 | 38 35 27 | toilet 30 countertop 30 cabinet 15 drawer 13 shelf 7 sidetable 3 cart 2',
    cloth: '100 | 37 32 31 | bathtubbasin 33 cabinet 22 drawer 15 countertop 14 sinkbasin 5 shelf 4 toilet 4',
    dishsponge:
      '22 | 27 38 36 | countertop 19 drawer 19 bathtubbasin 17 sinkbasin 11 shelf 9 toilet 8 cabinet 6 cart 5 garbagecan 5',
    handtowel: '100 | 79 21 0 | handtowelholder 98 countertop 2',
    houseplant: '4 | 100 0 0 | sidetable 100',
    papertowelroll: '15 | 100 0 0 | countertop 32 toilet 32 shelf 19 garbagecan 10 cart 7',
    soapbar:
      '100 | 36 32 32 | countertop 19 toilet 16 sinkbasin 14 bathtubbasin 13 cabinet 13 drawer 10 garbagecan 6 shelf 4 sidetable 3',
    soapbottle:
      '100 | 40 35 25 | countertop 29 toilet 24 cabinet 20 garbagecan 10 shelf 9 drawer 3 dresser 2 sidetable 2',
    spraybottle: '100 | 35 31 35 | countertop 31 toilet 27 cabinet 17 garbagecan 11 shelf 6 sidetable 4 cart 3',
    tissuebox: '26 | 49 28 24 | shelf 30 countertop 28 drawer 15 sidetable 12 cabinet 8 toilet 4 cart 3',
    toiletpaper:
      '100 | 22 56 21 | toilet 23 countertop 22 toiletpaperhanger 12 cabinet 12 drawer 11 garbagecan 10 shelf 6 sidetable 2 cart 2',
    towel: '100 | 86 13 1 | towelholder 99',
  },
});
