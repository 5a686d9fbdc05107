import { invalidGame } from './game-file.ts';

/** A `.twl2` file in its parts: how each action is written and answered, and the text grammar. */
export interface Twl2 {
  /** By action name in lower case. */
  readonly actions: ReadonlyMap<string, { readonly template: string; readonly feedback: string }>;
  /** The JSON texts of the grammar blocks in file order; of two rules with one name the later holds. */
  readonly grammars: readonly string[];
}

/**
 * Reads `grammar :: """json""";` and `action NAME { template :: "…"; feedback :: "…"; grammar :: """json"""; }`. Comments run from `#` to
 * the end of the line.
 *
 * @throws {EnvironmentError} `GAME_INVALID`
 */
export function readTwl2(text: string): Twl2 {
  const scanner = new Scanner(text);
  const actions = new Map<string, { template: string; feedback: string }>();
  const grammars: string[] = [];
  while (!scanner.atEnd()) {
    const head = scanner.word();
    if (head === 'grammar') {
      grammars.push(scanner.assignedBlock());
    } else if (head === 'action') {
      const name = scanner.word();
      const fields = new Map<string, string>();
      scanner.expect('{');
      while (!scanner.accepts('}')) {
        const field = scanner.word();
        if (field === 'grammar') grammars.push(scanner.assignedBlock());
        else if (field === 'pddl') scanner.assignedBlock();
        else fields.set(field, scanner.assignedString());
      }
      const template = fields.get('template');
      const feedback = fields.get('feedback');
      if (template === undefined || feedback === undefined) {
        throw invalidGame(
          `Action ${name} of the grammar lacks ${template === undefined ? 'a template' : 'its feedback'}.`,
        );
      }
      actions.set(name.toLowerCase(), { template, feedback });
    } else {
      throw invalidGame(`The grammar has "${head}" where an action or a grammar block starts.`);
    }
  }
  return { actions, grammars };
}

class Scanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    this.#skip();
    return this.#position >= this.#text.length;
  }

  accepts(token: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(token, this.#position)) return false;
    this.#position += token.length;
    return true;
  }

  expect(token: string): void {
    if (!this.accepts(token)) throw this.#expected(`"${token}"`);
  }

  word(): string {
    return this.#match(/[\w/-]+/y, 'a name');
  }

  assignedString(): string {
    this.expect('::');
    const quoted = this.#match(/"[^"]*"/y, 'a string');
    this.expect(';');
    return quoted.slice(1, -1);
  }

  assignedBlock(): string {
    this.expect('::');
    this.expect('"""');
    const end = this.#text.indexOf('"""', this.#position);
    if (end < 0) throw this.#expected('""" at the end of a block');
    const block = this.#text.slice(this.#position, end);
    this.#position = end + 3;
    this.expect(';');
    return block;
  }

  #match(pattern: RegExp, what: string): string {
    this.#skip();
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) throw this.#expected(what);
    this.#position = pattern.lastIndex;
    return match[0];
  }

  #skip(): void {
    const pattern = /(?:\s|#[^\n]*)*/y;
    pattern.lastIndex = this.#position;
    pattern.exec(this.#text);
    this.#position = pattern.lastIndex;
  }

  #expected(what: string): Error {
    const line = this.#text.slice(0, this.#position).split('\n').length;
    return invalidGame(
      `The grammar has "${this.#text.slice(this.#position, this.#position + 20)}" at line ${line} where ${what} should be.`,
    );
  }
}
