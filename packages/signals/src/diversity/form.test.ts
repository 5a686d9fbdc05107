import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { actionTemplate, distinctTemplates } from './action-template.ts';
import { distinctN } from './distinct-n.ts';
import { distinctSubtrees, type SyntaxTree } from './distinct-subtrees.ts';

/** Three small programs as Python 3.11.7's `ast.parse` reads them (two equal but for names and a constant); `Kind:text(children)`. */
const programs = [
  'Module(FunctionDef:f(arguments(arg:a) Return(BinOp(Name:a(Load) Add Constant:1))) Expr(Call(Name:print(Load) Call(Name:f(Load) Constant:2))))',
  'Module(FunctionDef:g(arguments(arg:b) Return(BinOp(Name:b(Load) Add Constant:3))) Expr(Call(Name:print(Load) Call(Name:g(Load) Constant:2))))',
  'Module(Assign(Name:x(Store) ListComp(BinOp(Name:i(Load) Mult Name:i(Load)) comprehension:0(Name:i(Store) Call(Name:range(Load) Constant:3)))) Expr(Call(Name:print(Load) Call(Name:f(Load) Name:x(Load)))))',
].map(read);

function read(source: string): SyntaxTree {
  const tokens = source.match(/[()]|[^\s()]+/gu) ?? [];
  let at = 0;
  function node(): SyntaxTree {
    const [kind = '', text] = tokens[at]!.split(':');
    at += 1;
    const children: SyntaxTree[] = [];
    if (tokens[at] === '(') {
      for (at += 1; tokens[at] !== ')';) children.push(node());
      at += 1;
    }
    return { kind, text, children };
  }
  return node();
}

describe('distinctSubtrees', () => {
  // Made with Python 3.11.7: subtrees by `ast.iter_child_nodes`, told apart by `ast.dump`; stripped as in the official code (names to x, constants to 1).
  it.each([
    [1, 9 / 24, 6 / 24],
    [2, 12 / 16, 3 / 16],
    [3, 7 / 7, 4 / 7],
    [4, 6 / 6, 4 / 6],
    [5, 6 / 6, 4 / 6],
    [6, 3 / 3, 2 / 3],
    [7, 1, 1],
  ])('equals what ast.dump tells apart at height %i', (height, plain, stripped) => {
    expect(distinctSubtrees(programs, height, { texts: 'plain' })).toBeCloseTo(plain, 12);
    expect(distinctSubtrees(programs, height)).toBeCloseTo(stripped, 12);
  });

  it('does not exist where no subtree is that high', () => {
    expect(distinctSubtrees(programs, 8)).toBeUndefined();
    expect(distinctSubtrees([], 1)).toBeUndefined();
    expect(() => distinctSubtrees(programs, 0)).toThrow(RangeError);
    expect(() => distinctSubtrees(programs, 3, { texts: 'other' as never })).toThrow(RangeError);
  });

  it('is the same for a missing and an empty list of children, and tells an absent text from an empty one', () => {
    expect(distinctSubtrees([{ kind: 'a' }, { kind: 'a', children: [] }], 1)).toBe(0.5);
    expect(distinctSubtrees([{ kind: 'a' }, { kind: 'a', text: '' }], 1, { texts: 'plain' })).toBe(1);
  });

  it('reads trees nested far deeper than the stack is', () => {
    let tree: SyntaxTree = { kind: 'leaf' };
    for (let depth = 1; depth < 50_000; depth += 1) tree = { kind: 'node', children: [tree] };
    expect(distinctSubtrees([tree, tree], 3)).toBe(0.5);
    expect(distinctSubtrees([tree, tree], 50_000)).toBe(0.5);
  });

  it('equals a count by recursion over serialised subtrees', () => {
    const { tree } = fc.letrec<{ tree: SyntaxTree }>((tie) => ({
      tree: fc.record({
        kind: fc.constantFrom('a', 'b'),
        text: fc.constantFrom('x', undefined),
        children: fc.oneof({ maxDepth: 5 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
      }),
    }));
    const subtrees = (node: SyntaxTree): { shape: string; height: number }[] => {
      const below = (node.children ?? []).map(subtrees);
      const direct = below.map((list) => list.at(-1)!);
      const shape = `(${node.kind} ${node.text} ${direct.map((child) => child.shape).join(' ')})`;
      return [...below.flat(), { shape, height: 1 + Math.max(0, ...direct.map((child) => child.height)) }];
    };
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 5 }), fc.integer({ min: 1, max: 5 }), (trees, height) => {
        const found = trees.flatMap(subtrees).filter((subtree) => subtree.height === height);
        const expected = found.length === 0 ? undefined : new Set(found.map(({ shape }) => shape)).size / found.length;
        expect(distinctSubtrees(trees, height, { texts: 'plain' })).toBe(expected);
      }),
    );
  });
});

describe('actionTemplate', () => {
  it.each([
    ['take mug 1 from desk 2', 'take * from *'],
    ['put soapbar 3 in/on countertop 1', 'put * in/on *'],
    ['go to sidetable 12', 'go to *'],
    ['Open  Drawer 1 ', 'open *'],
    ['inventory', 'inventory'],
    ['look', 'look'],
    ['search[red running shoes, size 9]', 'search[*]'],
    ['click[Buy Now]', 'click[*]'],
    ['say "open the door 1" loudly', 'say * loudly'],
    ['press 4', '*'],
    ['4 5', '*'],
    ['', ''],
  ])('of %j is %j', (command, template) => {
    expect(actionTemplate(command)).toBe(template);
  });

  it('takes every other word for an object where the words of commands are given', () => {
    const commandWords = new Set(['take', 'from', 'unlock', 'with']);
    expect(actionTemplate('take old brass key from the shelf', { commandWords })).toBe('take * from *');
    expect(actionTemplate('unlock chest with old brass key 1', { commandWords })).toBe('unlock * with *');
    expect(actionTemplate('search[a b]', { commandWords })).toBe('search[*]');
  });

  it('is its own template', () => {
    const word = fc.constantFrom('take', 'mug', '1', '22', 'from', 'x[a b]', '"a"', '*');
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const template = actionTemplate(words.join(' '));
        expect(actionTemplate(template)).toBe(template);
      }),
    );
  });
});

describe('distinctTemplates', () => {
  it('sees one way of acting where words see many', () => {
    const episodes = [1, 2, 3, 4].map((index) => [`go to desk ${index}`, `take mug ${index} from desk ${index}`]);
    expect(distinctTemplates(episodes)).toBe(2 / 8);
    expect(distinctN(episodes, 1)).toBe(1);
    expect(distinctTemplates(episodes, 2)).toBe(1 / 4);
    expect(distinctTemplates([['look']])).toBeUndefined();
  });
});
