import { checkCount } from '../checks.ts';

/** A syntax tree as any parser can give it. */
export interface SyntaxTree {
  /** Kind of the node, such as `CallExpression`. */
  readonly kind: string;
  /** What it says beside its kind: a name or a constant. */
  readonly text?: string;
  readonly children?: readonly SyntaxTree[];
}

export interface DistinctSubtreeOptions {
  /** `plain`: texts count. `stripped`: only kinds count, so that renaming makes no difference. Default `stripped`. */
  readonly texts?: 'plain' | 'stripped';
}

/**
 * Share of the subtrees of a height, over all trees, that are different ones: how varied the ways of writing are, beside the words.
 *
 * @param trees - of the generations for one prompt that could be parsed.
 * @param height - of whole subtrees, down to their leaves; a leaf has height 1. The source looks at 3, 4, 5 and 6.
 * @returns in (0, 1]; `undefined` when no subtree has that height.
 * @throws {RangeError} when the height is not a whole number of at least 1.
 *
 * Source: Shypula et al. 2025, arXiv:2504.12522, official code. Ours: nothing instead of 0 when there is no such subtree, and `stripped` drops texts where
 * the code writes 'x' and 1. Renaming consistently (their third form) is left to the parser.
 */
export function distinctSubtrees(
  trees: readonly SyntaxTree[],
  height: number,
  options: DistinctSubtreeOptions = {},
): number | undefined {
  const { texts = 'stripped' } = options;
  checkCount('height', height, 1);
  if (texts !== 'plain' && texts !== 'stripped')
    throw new RangeError(`texts is '${String(texts)}': use plain or stripped.`);
  const shapes = new Map<string, Shape>();
  const distinct = new Set<number>();
  let total = 0;
  for (const tree of trees) {
    for (const shape of shapesOf(tree, shapes, texts)) {
      if (shape.height !== height) continue;
      total += 1;
      distinct.add(shape.id);
    }
  }
  return total === 0 ? undefined : distinct.size / total;
}

/** A subtree: equal ones have one shape. */
interface Shape {
  readonly id: number;
  readonly height: number;
}

/** The shape of every node, children first, without recursion: generated code may be nested deeply. */
function* shapesOf(tree: SyntaxTree, shapes: Map<string, Shape>, texts: 'plain' | 'stripped'): Generator<Shape> {
  const stack: { readonly node: SyntaxTree; readonly children: Shape[] }[] = [{ node: tree, children: [] }];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { node, children } = top;
    const next = node.children?.[children.length];
    if (next !== undefined) {
      stack.push({ node: next, children: [] });
      continue;
    }
    const text = texts === 'plain' ? node.text : undefined;
    const key = JSON.stringify([node.kind, text ?? null, children.map(({ id }) => id)]);
    const height = 1 + children.reduce((most, child) => Math.max(most, child.height), 0);
    const shape = shapes.get(key) ?? { id: shapes.size, height };
    shapes.set(key, shape);
    stack.pop();
    stack.at(-1)?.children.push(shape);
    yield shape;
  }
}
