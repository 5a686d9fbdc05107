// Official games on disk: released folders and packed splits, in either command style.
export { commandStyleOf, withCommandStyle, type CommandStyle } from './command-style.ts';
export { readGameFile } from './game-folder.ts';
export { possibleGameIds, readGameId, splits, type GameRecord, type Split } from './game-record.ts';
export { openGames, type Games, type OpenGamesOptions } from './open-games.ts';
