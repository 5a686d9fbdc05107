import { distinctN } from './distinct-n.ts';

export interface ActionTemplateOptions {
  /**
   * Words that belong to commands rather than to what they are about, in lower case: verbs and prepositions. With it, any run of other words becomes `*`.
   * Needed where things have no numbers, or names of several words.
   */
  readonly commandWords?: ReadonlySet<string>;
}

/**
 * The form of a command without its objects: `take mug 1 from desk 2` becomes `take * from *`, `search[red shoes]` becomes `search[*]`.
 *
 * @param command - of a text environment, in any case.
 * @returns in lower case, words parted by single spaces. Without `commandWords`: what stands in brackets or quotes, a word followed by a number, and a
 *   number alone each become `*`.
 */
export function actionTemplate(command: string, options: ActionTemplateOptions = {}): string {
  const words = command
    .toLowerCase()
    .replace(/\[[^\]]*\]/gu, '[*]')
    .replace(/"[^"]*"|'[^']*'/gu, '*')
    .split(/\s+/u)
    .filter((word) => word !== '');
  const { commandWords } = options;
  const marked = commandWords === undefined ? markNumbered(words) : markUnknown(words, commandWords);
  return marked.filter((word, index) => word !== '*' || marked[index - 1] !== '*').join(' ');
}

/**
 * How varied the ways of acting are: `distinctN` over the templates of commands instead of words.
 *
 * @param episodes - commands of each episode, in their order.
 * @param n - length of the runs of commands that are compared. Default 1.
 * @returns in (0, 1]; `undefined` with fewer than two runs.
 * @throws {RangeError} when n is not a whole number of at least 1.
 */
export function distinctTemplates(
  episodes: readonly (readonly string[])[],
  n = 1,
  options: ActionTemplateOptions = {},
): number | undefined {
  const templates = episodes.map((commands) => commands.map((command) => actionTemplate(command, options)));
  return distinctN(templates, n);
}

const number = /^\d+$/u;

function markNumbered(words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    if (number.test(word)) return number.test(words[index - 1] ?? '0') ? ['*'] : [];
    return number.test(words[index + 1] ?? '') ? ['*'] : [word];
  });
}

function markUnknown(words: readonly string[], commandWords: ReadonlySet<string>): string[] {
  return words.map((word) => (commandWords.has(word) || word.endsWith('[*]') ? word : '*'));
}
