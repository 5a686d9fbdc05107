import { sharedLlama } from './engine.ts';
import { jsonBody, jsonType, plainJsonType, textOf, WireError, type Call, type Route } from './http.ts';
import { fileDetails } from './model-details.ts';
import type { ModelStore, StoredModel } from './model-store.ts';

const unsupported = 'This server does not support embeddings. Start it with `--embeddings`';

/** `POST /api/embed`, its forerunner `/api/embeddings`, and `/v1/embeddings`. */
export function embedRoutes(store: ModelStore): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/embed',
      async answer(call) {
        const body = jsonBody(call);
        const { vectors, tokens, durationNs } = await embedAll(store, call, textsOf(body['input']), 501);
        return {
          status: 200,
          contentType: jsonType,
          body: {
            model: textOf(body, 'model'),
            embeddings: vectors,
            total_duration: durationNs,
            load_duration: 0,
            prompt_eval_count: tokens,
          },
        };
      },
    },
    {
      method: 'POST',
      path: '/api/embeddings',
      async answer(call) {
        const { vectors } = await embedAll(store, call, [textOf(jsonBody(call), 'prompt')], 500);
        return { status: 200, contentType: jsonType, body: { embedding: vectors[0] } };
      },
    },
    {
      method: 'POST',
      path: '/v1/embeddings',
      async answer(call) {
        const body = jsonBody(call);
        const { vectors, tokens } = await embedAll(store, call, textsOf(body['input']), 501);
        return {
          status: 200,
          contentType: plainJsonType,
          body: {
            object: 'list',
            data: vectors.map((embedding, index) => ({ object: 'embedding', embedding, index })),
            model: textOf(body, 'model'),
            usage: { prompt_tokens: tokens, total_tokens: tokens },
          },
        };
      },
    },
  ];
}

interface Embedded {
  /** Of unit length, one a text. */
  readonly vectors: readonly (readonly number[])[];
  readonly tokens: number;
  readonly durationNs: number;
}

async function embedAll(store: ModelStore, call: Call, texts: readonly string[], refusal: number): Promise<Embedded> {
  const name = textOf(jsonBody(call), 'model');
  const model = store.find(name);
  if (model === undefined) throw new WireError(404, `model "${name}" not found, try pulling it first`);
  const { capabilities } = await fileDetails(model.path);
  if (!capabilities.includes('embedding')) throw new WireError(refusal, unsupported);
  return embed(model, texts);
}

async function embed({ path }: StoredModel, texts: readonly string[]): Promise<Embedded> {
  const begin = process.hrtime.bigint();
  const model = await (await sharedLlama()).loadModel({ modelPath: path, gpuLayers: 0 });
  try {
    const context = await model.createEmbeddingContext({ threads: 1 });
    const vectors: number[][] = [];
    let tokens = 0;
    for (const text of texts) {
      const { vector } = await context.getEmbeddingFor(text);
      const length = Math.hypot(...vector) || 1;
      vectors.push(vector.map((value) => value / length));
      tokens += model.tokenize(text).length;
    }
    return { vectors, tokens, durationNs: Number(process.hrtime.bigint() - begin) };
  } finally {
    await model.dispose();
  }
}

function textsOf(input: unknown): readonly string[] {
  return Array.isArray(input) ? input.map(String) : typeof input === 'string' ? [input] : [];
}
