import { describe, expect, it } from 'vitest';
import { disjuncts, readCondition } from './condition.ts';
import { readExpression } from './expression.ts';
import { entityNames } from './names.ts';
import { readSymbols } from './production.ts';
import { readQuery } from './query.ts';
import { readSExpression } from './s-expression.ts';
import { strip } from './strip.ts';
import { readTwl2 } from './twl2.ts';
import { readTypedList } from './typed-list.ts';

describe('PDDL text', () => {
  it('is read in lower case, without comments, a question mark starting a word', () =>
    expect(readSExpression('(A ; gone (\n b?C (d)())')).toEqual(['a', 'b', '?c', ['d'], []]));
  it.each(['(a', 'a', '(a) b', ''])('is refused when its parentheses are wrong: %j', (text) =>
    expect(() => readSExpression(text)).toThrowError('PDDL text'),
  );
  it('keeps a comma in the word before it', () =>
    expect(readTypedList(['?l', '-', 'location,', '?r', '-', 'receptacle', '?x'], 'a test')).toEqual([
      { name: '?l', type: 'location,' },
      { name: '?r', type: 'receptacle' },
      { name: '?x', type: 'object' },
    ]));
});

describe('conditions', () => {
  const shape = (text: string) =>
    disjuncts(readCondition(readSExpression(text))).map(({ literals }) =>
      literals.map(({ atom, negated }) => `${negated ? '!' : ''}${[atom.predicate, ...atom.args].join(' ')}`),
    );
  it('become a list of conjunctions', () =>
    expect(shape('(and (a ?x) (or (not (b ?x)) (c ?x)))')).toEqual([
      ['a ?x', '!b ?x'],
      ['a ?x', 'c ?x'],
    ]));
  it('push negation down to the atoms', () =>
    expect(shape('(not (or (a) (and (b) (not (c)))))')).toEqual([
      ['!a', '!b'],
      ['!a', 'c'],
    ]));
  it('always hold when empty', () => expect(shape('()')).toEqual([[]]));
  it('rename quantified variables apart', () =>
    expect(shape('(and (exists (?x) (a ?x)) (exists (?x) (b ?x)) (c ?x))')).toEqual([['a ?x@1', 'b ?x@2', 'c ?x']]));
});

describe('the right-hand side of a text rule', () => {
  // What TextWorld 1.7.0's own parser makes of each text, recorded by running it.
  it.each([
    ['', []],
    [' (it is open)', ['(it is open)']],
    ['a}b', ['a']],
    ['say "hi" x', ['say ', 'hi', ' x']],
    ['say "hi', ['say ']],
    ['a|b', ['a']],
    ['foo;bar', ['foo']],
    ['<b>', []],
    ['\tfoo\tbar', ['foo\tbar']],
    ['#x#\tfoo', ['#x#', 'foo']],
    ['foo\n#x#\n  bar', ['foo\n', '#x#', '\n  bar']],
    ['// c\nfoo', ['foo']],
    ['a\n// b\nc', ['a\n// b\nc']],
    ['\n\nAvailable\n  x', ['Available\n  x']],
    ['# x#', ['# x#']],
    ['a # b', ['a ']],
    ['x [ {r.name} ] y', ['x ']],
    ['#a.b# . #c-d(e, f)#', ['#a.b#', ' . ', '#c-d(e, f)#']],
    ['é ü', ['é ü']],
  ])('%j is read as the reference reads it', (text, wanted) =>
    expect(
      readSymbols(text).map((symbol) => {
        if (symbol.kind === 'literal') return symbol.text;
        return symbol.kind === 'rule' ? `#${symbol.name}#` : symbol.kind;
      }),
    ).toEqual(wanted),
  );

  it('reads lists with and without a query', () => {
    expect(readSymbols('go to [{r.name | at(r:receptacle, lend:location)}]!')).toEqual([
      { kind: 'literal', text: 'go to ' },
      {
        kind: 'each',
        list: true,
        item: { kind: 'value', expression: { kind: 'attribute', variable: 'r', attribute: 'name' } },
        query: [
          {
            predicate: 'at',
            denied: false,
            placeholders: [
              { name: 'r', type: 'receptacle' },
              { name: 'lend', type: 'location' },
            ],
          },
        ],
      },
      { kind: 'literal', text: '!' },
    ]);
    expect(readSymbols('{#overview(r)#|q(x)}')).toMatchObject([
      { kind: 'each', list: false, item: { name: 'overview(r)' } },
    ]);
  });
});

describe('expressions and queries', () => {
  it('reads names, texts, + and or', () => {
    expect(readExpression(" o.indefinite + ' a b ' + o ")).toEqual({
      kind: 'join',
      parts: [
        { kind: 'attribute', variable: 'o', attribute: 'indefinite' },
        { kind: 'text', text: ' a b ' },
        { kind: 'attribute', variable: 'o', attribute: 'name' },
      ],
    });
    expect(readExpression('r.name or r.id')).toMatchObject({ kind: 'either', parts: [{}, {}] });
  });
  it.each(['o.name.upper()', 'f(o)', "'open", '', '1 + 2'])('refuses %j', (text) =>
    expect(() => readExpression(text)).toThrowError('which is not understood'),
  );
  it('takes a missing type from the name and both spellings of negation', () =>
    expect(readQuery("!p(o') & not_q( a : b )")).toEqual([
      { predicate: 'p', denied: true, placeholders: [{ name: "o'", type: 'o' }] },
      { predicate: 'q', denied: true, placeholders: [{ name: 'a', type: 'b' }] },
    ]));
});

describe('a .twl2 file', () => {
  it('says at which line it is not understood', () =>
    expect(() => readTwl2('action x {\n template :: "a";\n feedback = "b";\n}')).toThrowError(
      'at line 3 where "::" should be',
    ));
  it('asks for both texts of an action', () =>
    expect(() => readTwl2('action x { template :: "a"; }')).toThrowError(
      'Action x of the grammar lacks its feedback.',
    ));
});

describe('names', () => {
  it('count down in the order of the ids, by class', () =>
    expect(
      entityNames([
        'mug_bar__plus_1',
        'sink_bar_2_bar_sinkbasin',
        'mug_bar__minus_1',
        'agent1',
        'sink_bar_1',
        'odd_dot_one',
      ]),
    ).toEqual(
      new Map([
        ['agent1', 'agent1 '],
        ['mug_bar__minus_1', 'mug 2'],
        ['mug_bar__plus_1', 'mug 1'],
        ['odd_dot_one', 'odd.one '],
        ['sink_bar_1', 'sink 1'],
        ['sink_bar_2_bar_sinkbasin', 'sinkbasin 1'],
      ]),
    ));
});

describe('commands', () => {
  it('lose the white space that Python strips, and no other', () => {
    expect(strip('\t look \u001c\u0085\u3000\n')).toBe('look');
    expect(strip('\ufefflook')).toBe('\ufefflook');
    expect(strip('   ')).toBe('');
  });
});
