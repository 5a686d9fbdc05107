/**
 * Batched play for other processes, over JSON lines: `node play-server.ts [--data FOLDER]`. A request line is a list of operations, its reply line
 * a list of as many answers; an operation that fails answers `{"error"}` and the others go on. Operations:
 *
 * - `{"op":"list","split":"valid_unseen"}` → `{"games":[id, …]}`; `{"op":"list","panel":"policy","panelSeed":1,"houses":20,"tasksPerHouse":4}`
 *   → `{"games":[spec, …]}`; `{"op":"rows"}` → `{"rows":[…]}`.
 * - `{"op":"reset","slot":0,"game":SPEC,"entries":ROW or [guidance, …],"seed":1,"expert":true}` → `{"slot","text","kind"}`, where the text ends
 *   before the line `sure N`; `{"slot","skip":true}` when the row does not apply to the game.
 *   Entries `{"draw":"facts"}` are drawn as for demonstrations of that form, with the verbs of training.
 * - `{"op":"step","slot":0,"action":" go to desk 1"}` → `{"slot","text","restart","done","won","steps"}`; with `restart` the text is the whole prompt.
 * - `{"op":"relabel","slot":0,"cut":12}` → `{"demonstration"}`: the slot's play up to the cut, corrected and finished by the expert.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Guidance } from '../expert/guidance.ts';
import { createRandom, seedOf } from '../expert/random.ts';
import type { PanelOptions, PanelName } from '../houses/index.ts';
import { drawGuidance } from './draw-guidance.ts';
import type { DemonstrationForm } from './draw-guidance.ts';
import { evaluate, evaluationRows } from './evaluation-guidance.ts';
import type { EvaluatedGame, EvaluationRow } from './evaluation-guidance.ts';
import { createGameLibrary } from './game-library.ts';
import type { GameLibrary, GameSpec } from './game-library.ts';
import type { Split } from '../load/index.ts';
import { createPlaySession } from './play-session.ts';
import type { PlaySession } from './play-session.ts';
import { relabel } from './relabel.ts';

type Operation =
  | { readonly op: 'rows' }
  | { readonly op: 'list'; readonly split: Split }
  | ({ readonly op: 'list'; readonly panel: PanelName; readonly split?: undefined } & PanelOptions)
  | ResetOperation
  | { readonly op: 'step'; readonly slot: number; readonly action: string }
  | { readonly op: 'relabel'; readonly slot: number; readonly cut?: number };

interface ResetOperation {
  readonly op: 'reset';
  readonly slot: number;
  readonly game: GameSpec;
  readonly entries?: EvaluationRow | { readonly draw: DemonstrationForm } | readonly Guidance[];
  readonly seed?: number;
  readonly expert?: boolean;
  readonly maxSteps?: number;
}

/** The operations over a library of games; slots live as long as the server. */
export function createPlayServer(library: GameLibrary): (operation: unknown) => object {
  const slots = new Map<number, { readonly session: PlaySession; readonly seed: number; readonly expert: boolean }>();

  function slot(number: number): { readonly session: PlaySession; readonly seed: number; readonly expert: boolean } {
    const found = slots.get(number);
    if (!found) throw new RangeError(`Slot ${number} was never reset.`);
    return found;
  }

  function reset(operation: ResetOperation): object {
    const { slot: number, entries = 'none', seed = 0, expert = false } = operation;
    const evaluated = guide(library, operation.game, entries, seed);
    if (!evaluated) return { slot: number, skip: true };
    const session = createPlaySession(evaluated.game, evaluated.guidance, { seed, maxSteps: operation.maxSteps });
    slots.set(number, { session, seed, expert });
    const { kind, source } = evaluated.game;
    return { slot: number, text: session.head, kind, source, ...(expert && { expert: session.advise() ?? null }) };
  }

  function step(number: number, action: string): object {
    const { session, expert } = slot(number);
    const { text, restart } = session.step(action);
    const { done, won, actions } = session;
    const advice = expert && { expert: done ? null : (session.advise() ?? null) };
    return { slot: number, text, restart, done, won, steps: actions.length, ...advice };
  }

  return (request) => {
    const operation = request as Operation;
    switch (operation.op) {
      case 'rows':
        return { rows: evaluationRows };
      case 'list':
        return {
          games: operation.split === undefined ? listPanel(library, operation) : library.official(operation.split),
        };
      case 'reset':
        return reset(operation);
      case 'step':
        return step(operation.slot, operation.action);
      case 'relabel': {
        const { session, seed } = slot(operation.slot);
        const { game, guidance, actions } = session;
        return {
          slot: operation.slot,
          demonstration: relabel(game, guidance, actions, { seed, cut: operation.cut }) ?? null,
        };
      }
      default:
        throw new RangeError(`Unknown operation ${JSON.stringify(operation satisfies never)}.`);
    }
  };
}

function guide(
  library: GameLibrary,
  spec: GameSpec,
  entries: NonNullable<ResetOperation['entries']>,
  seed: number,
): EvaluatedGame | undefined {
  const game = library.load(spec);
  if (typeof entries === 'string') return evaluate(entries, game, seed, library.earlier(spec));
  if ('draw' in entries)
    return drawGuidance(entries.draw, game, library.related(spec), createRandom(seedOf(game.id, seed)));
  return { game, guidance: entries };
}

function listPanel(library: GameLibrary, options: { readonly panel: PanelName } & PanelOptions): GameSpec[] {
  const { panel, panelSeed, houses, tasksPerHouse, learningTasksPerHouse, rule } = options;
  const named = { panelSeed, houses, tasksPerHouse, learningTasksPerHouse, rule };
  return library.panel(panel, named).games.map((_, number) => ({ source: 'panel', panel, number, ...named }));
}

async function serve(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: 'string' } } });
  const root = join(import.meta.dirname, '../../../../../..');
  const data = values.data ?? process.env['SKILLRL_DATA'] ?? join(root, 'shared', 'data');
  const answer = createPlayServer(createGameLibrary(join(data, 'alfworld')));
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    const operations = JSON.parse(line) as unknown[];
    process.stdout.write(`${JSON.stringify(operations.map((operation) => guarded(answer, operation)))}\n`);
  }
}

function guarded(answer: (operation: unknown) => object, operation: unknown): object {
  try {
    return answer(operation);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await serve();
