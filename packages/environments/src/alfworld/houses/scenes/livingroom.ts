import { readScene } from './scene.ts';

/**
 * Living rooms: many surfaces, few drawers. Counted from the official training games of 27 rooms by `scripts/count-rooms.ts`; see `readScene` for the notation.
 */
export const livingroom = readScene('livingroom', {
  receptacles: {
    armchair: '0x2 1x16 2x8 3',
    cabinet: '0x24 1 4 8',
    coffeetable: '0x4 1x18 2x5',
    desk: '0x26 1',
    diningtable: '0x13 1x11 2x3',
    drawer: '0x6 1x6 2 4x6 6x2 7x3 8 12 21',
    dresser: '0x18 1x8 2',
    garbagecan: '1x27',
    ottoman: '0x23 1x4',
    safe: '0x26 1',
    shelf: '0x17 1 2 3 4 5 6 8x2 13 14',
    sidetable: '0x6 1x9 2x6 3x5 5',
    sofa: '1x21 2x6',
    tvstand: '0x15 1x10 2x2',
  },
  items: {
    book: '26 | 45 29 26 | dresser 26 coffeetable 23 sofa 17 armchair 11 diningtable 10 sidetable 9 drawer 2 tvstand 2',
    bowl: '11 | 40 40 20 | diningtable 37 coffeetable 27 tvstand 20 sidetable 8 shelf 8',
    box: '96 | 69 25 6 | diningtable 26 sofa 25 coffeetable 21 sidetable 10 armchair 4 tvstand 4 dresser 3 shelf 3 ottoman 2 cabinet 2',
    candle: '11 | 26 28 46 | coffeetable 33 sidetable 24 diningtable 22 tvstand 12 drawer 6 dresser 4',
    cellphone:
      '22 | 39 27 34 | sidetable 18 dresser 14 coffeetable 13 sofa 13 drawer 11 diningtable 9 shelf 7 tvstand 5 ottoman 4 desk 3 armchair 3',
    creditcard:
      '100 | 26 34 40 | sofa 19 coffeetable 15 armchair 12 drawer 12 sidetable 11 diningtable 10 tvstand 8 dresser 6 shelf 4',
    desklamp: '22 | 100 0 0 | sidetable 83 coffeetable 17',
    houseplant: '56 | 100 0 0 | sidetable 53 coffeetable 27 diningtable 7 tvstand 7 dresser 7',
    keychain:
      '100 | 46 35 19 | coffeetable 21 sidetable 17 drawer 14 sofa 11 armchair 8 diningtable 8 tvstand 8 shelf 6 dresser 5 ottoman 2',
    laptop:
      '100 | 61 30 9 | sofa 27 coffeetable 26 diningtable 19 sidetable 8 dresser 7 tvstand 6 armchair 5 ottoman 2',
    newspaper:
      '56 | 37 31 31 | sofa 20 diningtable 18 coffeetable 16 sidetable 12 shelf 9 armchair 8 dresser 8 tvstand 6 drawer 2 ottoman 2',
    pen: '19 | 38 32 29 | coffeetable 31 sidetable 17 dresser 15 drawer 10 diningtable 9 garbagecan 7 tvstand 7 shelf 5',
    pencil:
      '15 | 38 29 33 | sidetable 30 coffeetable 25 drawer 13 shelf 8 tvstand 7 garbagecan 6 diningtable 6 dresser 5',
    pillow: '100 | 86 14 0 | sofa 80 armchair 19',
    plate: '37 | 47 39 14 | diningtable 50 coffeetable 24 sidetable 11 shelf 11 tvstand 3',
    remotecontrol:
      '100 | 34 36 30 | coffeetable 22 sofa 19 sidetable 13 diningtable 11 tvstand 9 armchair 9 dresser 7 drawer 4 shelf 3 ottoman 2',
    statue: '96 | 29 33 35 | coffeetable 25 sidetable 22 diningtable 18 tvstand 12 shelf 12 dresser 11',
    television: '78 | 100 0 0 | tvstand 52 dresser 33 coffeetable 10 sidetable 5',
    tissuebox: '30 | 28 37 35 | coffeetable 37 sidetable 17 diningtable 17 shelf 11 tvstand 10 dresser 4 drawer 3',
    vase: '52 | 16 21 56 | shelf 27 coffeetable 26 diningtable 22 sidetable 12 tvstand 5 dresser 5',
    watch: '48 | 25 37 38 | coffeetable 25 drawer 20 sidetable 19 diningtable 12 tvstand 11 dresser 10 shelf 3',
    wateringcan: '7 | 68 21 11 | shelf 60 coffeetable 35 sidetable 6',
  },
});
