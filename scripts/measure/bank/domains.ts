import type { DemonstrationStep } from '../../../packages/core/src/index.ts';
import type { Scene } from './generated-entries.ts';

/** A world that entries are about. */
export interface Domain {
  readonly environment: string;
  /** Houses, shops, repositories: what knowledge may be local to. */
  readonly families: number;
  readonly verbs: readonly string[];
  readonly things: readonly string[];
  readonly qualities: readonly string[];
  readonly places: readonly string[];
  goal(scene: Scene): string;
  type(scene: Scene): string;
  rule(scene: Scene): string;
  steps(scene: Scene, random: () => number): DemonstrationStep[];
}

const words = (text: string): string[] => text.trim().split(/\s*,\s*/);

const steps =
  (open: string, use: string): Domain['steps'] =>
  ({ verb, thing, place, quality }, random) => {
    const number = 1 + Math.floor(random() * 9);
    return [
      { action: `${open} ${place} ${number}`, observation: `At the ${place} you find a ${quality} ${thing}.` },
      { action: `${use} ${thing} ${number} from ${place} ${number}`, why: `the ${thing} must be ${quality}` },
      { action: `${verb} ${thing} ${number}`, observation: `The ${thing} is done.` },
    ];
  };

export const domains: readonly Domain[] = [
  {
    environment: 'household',
    families: 60,
    verbs: words('clean, heat, cool, move, slice, examine, store, fill'),
    things: words(
      'mug, plate, apple, potato, knife, bread, tomato, lettuce, bowl, cup, pan, pot, spoon, fork, egg, cloth, soap, book, pillow, lamp, newspaper, vase, statue, candle, towel, bottle, box, pencil, watch, remote control',
    ),
    qualities: words('clean, hot, cold, sliced, empty, full, wet, dry, heavy, small, red, fragile'),
    places: words(
      'fridge, microwave, sink, countertop, cabinet, drawer, shelf, table, bed, sofa, desk, dresser, armchair, bathtub, toilet, stove, garbage can, safe, coffee machine, side table',
    ),
    goal: ({ verb, quality, thing, place, name }) => `${verb} a ${quality} ${name} ${thing} and put it in the ${place}`,
    type: ({ verb }) => `${verb}_then_place`,
    rule: ({ place, quality }) => `Open the ${place} and make sure it is ${quality}`,
    steps: steps('go to', 'take'),
  },
  {
    environment: 'shop',
    families: 40,
    verbs: words('buy, compare, return, review, order, filter, find, exchange'),
    things: words(
      'jacket, running shoes, headphones, laptop stand, kettle, backpack, desk chair, monitor, keyboard, sofa cover, curtain, toothbrush, shampoo, raincoat, bicycle pump, tent, sleeping bag, water filter, notebook, printer, phone case, charger, mattress, rug, mirror, wallet, belt, scarf, hammer, drill',
    ),
    qualities: words(
      'waterproof, wireless, large, small, blue, black, cheap, leather, cotton, organic, foldable, rechargeable, wooden, insulated, discounted',
    ),
    places: words(
      'search results, product page, basket, checkout, size table, reviews, category list, wish list, order history, returns form',
    ),
    goal: ({ verb, quality, thing, place, name }) =>
      `${verb} a ${quality} ${thing} by ${name} under 60 dollars from the ${place}`,
    type: ({ verb }) => `${verb}_product`,
    rule: ({ place, quality }) => `Check on the ${place} that every option says ${quality}`,
    steps: steps('open', 'choose'),
  },
  {
    environment: 'programming',
    families: 120,
    verbs: words('fix, refactor, test, rename, profile, document, remove, upgrade, cache, validate'),
    things: words(
      'memory leak, race condition, null pointer, off-by-one error, failing test, slow query, parser, retry loop, deadlock, cache key, migration, type error, import cycle, timeout, encoding bug, regular expression, permission check, log message, config file, build script, dependency, iterator, lock file, socket, thread pool',
    ),
    qualities: words(
      'flaky, recursive, asynchronous, unhandled, duplicated, deprecated, nested, silent, intermittent, typed, generic, legacy',
    ),
    places: words(
      'HTTP client, database layer, scheduler, command line, test suite, web server, worker queue, authentication module, file watcher, JSON decoder, template engine, package manifest, continuous integration, message broker',
    ),
    goal: ({ verb, quality, thing, place, name }) => `${verb} the ${quality} ${thing} in the ${place} of ${name}`,
    type: ({ verb }) => `${verb}_code`,
    rule: ({ place, thing }) => `Write a test in the ${place} that shows the ${thing}`,
    steps: steps('read', 'edit'),
  },
  {
    environment: 'service',
    families: 30,
    verbs: words('cancel, refund, rebook, escalate, confirm, upgrade, explain, reset, transfer'),
    things: words(
      'flight, hotel booking, subscription, invoice, password, delivery, insurance claim, train ticket, phone contract, gift card, seat, baggage fee, warranty, appointment, loyalty points, account, payment, address, voucher, prescription',
    ),
    qualities: words(
      'delayed, duplicate, expired, wrong, missing, premium, international, unpaid, lost, partial, urgent, disputed',
    ),
    places: words(
      'customer profile, booking system, payment log, policy page, ticket queue, call transcript, mail thread, contract archive',
    ),
    goal: ({ verb, quality, thing, place, name }) =>
      `${verb} the ${quality} ${thing} of the customer ${name} using the ${place}`,
    type: ({ verb }) => `${verb}_request`,
    rule: ({ place, thing }) => `Ask for consent and read the ${place} about the ${thing}`,
    steps: steps('look up', 'select'),
  },
  {
    environment: 'garden',
    families: 50,
    verbs: words('plant, water, prune, harvest, repot, fertilise, mulch, sow'),
    things: words(
      'rose, tomato plant, apple tree, lavender, basil, lawn, hedge, strawberry, pumpkin, carrot, onion, tulip bulb, fern, orchid, cactus, vine, blueberry bush, maple, sunflower, mint',
    ),
    qualities: words('young, thirsty, frost-tender, overgrown, shaded, potted, climbing, flowering, wilting, ripe'),
    places: words(
      'greenhouse, raised bed, balcony, south wall, compost heap, orchard, window sill, pond, shed, border',
    ),
    goal: ({ verb, quality, thing, place, name }) => `${verb} the ${quality} ${name} ${thing} by the ${place}`,
    type: ({ verb }) => `${verb}_plant`,
    rule: ({ place, quality }) => `Feel the soil at the ${place}, for what is ${quality} wants other care`,
    steps: steps('walk to', 'lift'),
  },
];
