import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

import {
  jsonBody,
  jsonLines,
  linesType,
  plainJsonType,
  textOf,
  WireError,
  type Answer,
  type Call,
  type Route,
} from './http.ts';
import { fileDetails } from './model-details.ts';
import { blobFolder, isModelName, type ModelStore, type StoredModel } from './model-store.ts';

/** `POST /api/create` */
export function createRoute(store: ModelStore): Route {
  return { method: 'POST', path: '/api/create', answer: (call) => create(store, call) };
}

type Body = Readonly<Record<string, unknown>>;

async function create(store: ModelStore, call: Call): Promise<Answer> {
  const body = jsonBody(call);
  const name = textOf(body, 'model');
  if (!isModelName(name)) throw new WireError(400, 'invalid model name');
  for (const digest of digestsOf(body)) store.blob(digest);
  const steps = createSteps(store, name, body);
  if (body['stream'] !== false) return { contentType: linesType, lines: jsonLines(steps) };
  let status = {};
  for await (const step of steps) status = step;
  return { status: 200, contentType: plainJsonType, body: status };
}

/** Files and adapters by the names they were uploaded under. */
function digestsOf(body: Body): readonly string[] {
  return ['files', 'adapters'].flatMap((key) => Object.values((body[key] ?? {}) as Record<string, string>));
}

async function* createSteps(store: ModelStore, name: string, body: Body): AsyncIterable<{ readonly status: string }> {
  if (!('from' in body) && !('files' in body)) throw refusal(400, "neither 'from' or 'files' was specified");
  const base = 'files' in body ? undefined : parentOf(store, textOf(body, 'from'));
  const adapter = adapterOf(store, body);
  if ('quantize' in body) await refuseQuantize(base);
  if (base === undefined) yield { status: 'parsing GGUF' };
  const path = base?.path ?? fileOf(store, body);
  if (base === undefined) yield { status: 'verifying conversion' };

  const own = {
    parameters: { ...base?.parameters, ...(body['parameters'] as Body | undefined) },
    template: textOf(body, 'template') || base?.template,
    system: textOf(body, 'system') || base?.system || '',
  };
  // A whole model given as an adapter is accepted, and speaks in the base's place.
  const replacement = adapter !== undefined && !isAdapter(adapter.path) ? adapter.path : undefined;
  const isReplaced = replacement !== undefined;
  const model = store.put({
    name,
    path: replacement ?? path,
    ...own,
    ...(adapter === undefined || isReplaced ? {} : { adapter }),
    parent: base === undefined || isReplaced ? '' : base.name,
    families: isReplaced ? ['llama', 'llama'] : ['llama'],
  });
  for (const layer of layersOf(model)) {
    yield { status: `${store.addLayer(layer) ? 'creating new' : 'using existing'} layer ${layer}` };
  }
  yield { status: 'writing manifest' };
  yield { status: 'success' };
}

/** What goes wrong while creating comes with a plain content type. */
function refusal(status: number, message: string): WireError {
  return new WireError(status, message, plainJsonType);
}

function parentOf(store: ModelStore, from: string): StoredModel {
  const parent = store.find(from);
  if (parent !== undefined) return parent;
  const [name = '', tag = 'latest'] = from.split(':');
  // A real server would look for it in the public registry. This one has none to ask.
  const url = `https://registry.invalid/v2/library/${name}/manifests/${tag}`;
  throw refusal(500, `pull model manifest: Get "${url}": dial tcp: lookup registry.invalid: no such host`);
}

function fileOf(store: ModelStore, body: Body): string {
  const [digest = ''] = Object.values((body['files'] ?? {}) as Record<string, string>);
  const path = store.blob(digest);
  if (path === undefined) throw refusal(500, missingBlob(digest));
  if (!isGguf(path)) throw refusal(400, 'supplied file was not in GGUF format');
  return path;
}

function adapterOf(store: ModelStore, body: Body): { path: string; digest: string } | undefined {
  const adapters = Object.entries((body['adapters'] ?? {}) as Record<string, string>);
  const [first] = adapters;
  if (first === undefined) return undefined;
  const [name, digest] = first;
  if (adapters.length > 1) throw refusal(400, 'only one adapter is currently supported');
  const path = store.blob(digest);
  if (path === undefined) throw refusal(400, missingBlob(digest));
  if (name.endsWith('.safetensors')) throw refusal(400, 'open adapter_config.json: no such file or directory');
  if (!isGguf(path)) throw refusal(400, 'supplied file was not in GGUF format');
  return { path, digest };
}

async function refuseQuantize(base: StoredModel | undefined): Promise<void> {
  const file = base === undefined ? undefined : await fileDetails(base.path);
  if (file === undefined || ['F16', 'BF16', 'F32'].includes(file.quantization)) {
    throw refusal(500, 'quantization is not offered by this server');
  }
  throw refusal(500, 'quantization is only supported for F16, BF16 and F32 models');
}

function layersOf({ layer, adapter, template, hasTemplate, system, parameters }: StoredModel): string[] {
  const words = [
    hasTemplate ? template : '',
    system,
    Object.keys(parameters).length === 0 ? '' : JSON.stringify(parameters),
  ];
  return [layer, adapter?.digest ?? '', ...words.map((text) => (text === '' ? '' : digestOf(text)))].filter(
    (digest) => digest !== '',
  );
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function missingBlob(digest: string): string {
  return `open ${blobFolder}/${digest.replace(':', '-')}: no such file or directory`;
}

function isGguf(path: string): boolean {
  return headOf(path, 4).toString('latin1') === 'GGUF';
}

function isAdapter(path: string): boolean {
  return headOf(path, 4096).includes('adapter.type');
}

function headOf(path: string, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}
