import { compileGame, type CompiledGame, type GameFile } from './engine/index.ts';

/** Compiles games and keeps the ones used last, by id: the rollouts of a group play one game. */
export class CompiledGames {
  readonly #keep: number;
  readonly #known = new Map<string, CompiledGame>();

  constructor(keep: number) {
    this.#keep = keep;
  }

  /** @param file - asked for only when the game is not at hand. */
  async get(id: string, file: GameFile | (() => Promise<GameFile>)): Promise<CompiledGame> {
    const game = this.#known.get(id) ?? compileGame(typeof file === 'function' ? await file() : file);
    this.#known.delete(id);
    this.#known.set(id, game);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#keep && oldest !== undefined) this.#known.delete(oldest);
    return game;
  }

  clear(): void {
    this.#known.clear();
  }
}
