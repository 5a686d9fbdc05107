import { readScene } from './scene.ts';

/**
 * Bedrooms: lamps to look at things with. Counted from the official training games of 27 rooms by `scripts/count-rooms.ts`; see `readScene` for the notation.
 */
export const bedroom = readScene('bedroom', {
  receptacles: {
    armchair: '0x21 1x4 2 3',
    bed: '1x23 2x4',
    cabinet: '0x23 1 2 4x2',
    countertop: '0x26 1',
    desk: '0x9 1x16 2x2',
    diningtable: '0x23 1x4',
    drawer: '0 2x7 3x3 4x2 5x4 6x2 8 10x2 11x2 13 16 17',
    dresser: '0x14 1x11 2x2',
    garbagecan: '1x27',
    laundryhamper: '0x20 1x7',
    safe: '0x23 1x4',
    shelf: '0x9 1x6 2x3 5x3 6 7 8 9 12 14',
    sidetable: '0x9 1x12 2x6',
  },
  items: {
    alarmclock: '100 | 47 33 20 | desk 31 sidetable 20 shelf 20 dresser 19 diningtable 9',
    book: '100 | 43 33 25 | bed 53 desk 18 drawer 11 dresser 5 sidetable 4 diningtable 3 cabinet 2 armchair 2',
    bowl: '44 | 60 27 13 | desk 47 shelf 24 dresser 16 diningtable 7 sidetable 4 countertop 2',
    box: '7 | 97 3 0 | desk 53 shelf 47',
    cd: '100 | 40 30 30 | drawer 28 desk 19 dresser 14 sidetable 13 garbagecan 8 diningtable 7 shelf 6 cabinet 2 armchair 2',
    cellphone:
      '100 | 31 34 35 | bed 29 desk 17 drawer 16 dresser 10 sidetable 10 shelf 8 diningtable 4 armchair 4 safe 2',
    creditcard: '100 | 32 34 35 | drawer 28 shelf 18 desk 17 sidetable 16 dresser 12 diningtable 4 armchair 4',
    desklamp: '67 | 94 6 0 | desk 36 dresser 28 sidetable 25 shelf 11',
    houseplant: '22 | 83 17 0 | shelf 50 desk 25 dresser 17 cabinet 8',
    keychain: '100 | 34 34 32 | drawer 26 desk 17 sidetable 16 shelf 15 dresser 14 diningtable 4 armchair 4 safe 3',
    laptop: '100 | 52 35 13 | bed 73 desk 17 dresser 4 diningtable 3',
    mug: '52 | 40 35 26 | desk 35 sidetable 18 shelf 17 dresser 15 diningtable 10 cabinet 3',
    pen: '100 | 28 34 38 | desk 27 drawer 17 shelf 16 dresser 15 sidetable 15 diningtable 7 garbagecan 2',
    pencil: '100 | 34 34 32 | desk 22 sidetable 18 shelf 17 drawer 17 dresser 13 diningtable 7 garbagecan 5',
    pillow: '100 | 41 48 11 | bed 99',
    remotecontrol: '11 | 39 38 24 | drawer 31 desk 26 sidetable 14 countertop 11 armchair 7 diningtable 6 dresser 3',
    statue: '15 | 64 27 9 | shelf 46 dresser 29 desk 20 sidetable 6',
    teddybear: '26 | 100 0 0 | bed 100',
    television: '4 | 100 0 0 | dresser 100',
    tissuebox: '15 | 40 35 25 | desk 36 drawer 20 diningtable 20 shelf 12 sidetable 11',
    vase: '7 | 17 49 35 | shelf 45 dresser 36 desk 11 sidetable 9',
    watch: '7 | 23 46 30 | drawer 31 shelf 19 diningtable 19 desk 14 dresser 10 sidetable 7',
  },
});
