import type { LlamaGrammar } from 'node-llama-cpp';

import { sharedLlama } from './engine.ts';
import { WireError } from './http.ts';

const types = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);

/**
 * The grammar of `format`: `json`, or a JSON schema.
 *
 * @throws {WireError} with the words of the server, or of its child for a schema it does not know.
 */
export async function grammarOf(format: unknown): Promise<LlamaGrammar | undefined> {
  if (format === undefined || format === null || format === '') return undefined;
  const llama = await sharedLlama();
  if (format === 'json') return llama.getGrammarFor('json');
  if (typeof format !== 'object') {
    throw new WireError(
      500,
      `invalid format: ${JSON.stringify(JSON.stringify(format))}; expected "json" or a valid JSON Schema object`,
    );
  }
  const { type } = format as { readonly type?: string };
  if (type !== undefined && !types.has(type)) {
    const why = `Unrecognized schema: ${JSON.stringify(format)}`;
    const message = `Field 'json_schema': "json_schema": JSON schema conversion failed:\n${why}`;
    throw new WireError(400, JSON.stringify({ error: { code: 400, message, type: 'invalid_request_error' } }));
  }
  return llama.createGrammarForJsonSchema(format as Parameters<typeof llama.createGrammarForJsonSchema>[0]);
}
