// A native interpreter of ALFWorld's game files: a PDDL domain and problem, and a text grammar.
export { compileGame, type CompiledGame } from './compile-game.ts';
export { invalidGame, type GameFile } from './game-file.ts';
export { playGame, type GamePlay, type GameSnapshot, type Turn } from './play-game.ts';
