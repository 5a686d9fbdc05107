import { parseSync } from 'oxc-parser';

/**
 * @typedef {object} Import
 * @property {string} specifier
 * @property {number} line - 1 is the first.
 * @property {boolean} typeOnly - gone when the types are stripped.
 */

/**
 * Everything a TypeScript or JavaScript file imports: `import`, `export … from`, `import()` of a literal, and the type
 * `import('…')`.
 *
 * @param {string} path - decides the language.
 * @param {string} source
 * @returns {readonly Import[]}
 * @throws {SyntaxError} when the file cannot be parsed.
 */
export function importsOf(path, source) {
  const { program, module, errors } = parseSync(path, source);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`);
  const lineAt = (/** @type {number} */ offset) => source.slice(0, offset).split('\n').length;
  /** @type {Import[]} */
  const found = [];
  const add = (/** @type {string} */ specifier, /** @type {number} */ offset, /** @type {boolean} */ typeOnly) => {
    found.push({ specifier, line: lineAt(offset), typeOnly });
  };
  for (const { moduleRequest, entries, start } of module.staticImports) {
    add(moduleRequest.value, start, entries.length > 0 && entries.every(({ isType }) => isType));
  }
  for (const { entries, start } of module.staticExports) {
    const from = entries.find(({ moduleRequest }) => moduleRequest)?.moduleRequest;
    if (from)
      add(
        from.value,
        start,
        entries.every(({ isType }) => isType),
      );
  }
  for (const node of nodesOf(program)) {
    const specifier = node.source?.value ?? node.source?.literal?.value;
    if (typeof specifier !== 'string') continue;
    if (node.type === 'ImportExpression') add(specifier, node.start, false);
    if (node.type === 'TSImportType') add(specifier, node.start, true);
  }
  return found.sort((a, b) => a.line - b.line);
}

/** Every node of a syntax tree. @param {any} node @returns {Generator<any>} */
function* nodesOf(node) {
  if (Array.isArray(node)) {
    for (const item of node) yield* nodesOf(item);
  } else if (node && typeof node === 'object') {
    if (typeof node.type === 'string') yield node;
    for (const value of Object.values(node)) yield* nodesOf(value);
  }
}
