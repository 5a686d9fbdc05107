import { readData, type LossBody } from './read-data.ts';
import { WireError } from './wire-error.ts';
import { checkIds, type WireModel } from './wire-model.ts';
import type { WireService } from './wire-service.ts';
import { baseHash } from '../trainer/tiny-engine.ts';

/** A parsed body; its form is trusted as far as the tests of a client may trust it. */
// oxlint-disable-next-line typescript/no-explicit-any -- it is what JSON.parse gives.
type Body = any;

/** By method and path: from a body to an answer. What a route does not know it refuses with a `WireError`. */
export const routes: Readonly<Record<string, (service: WireService, body: Body) => object | Promise<object>>> = {
  'GET /healthz': (service) => ({ status: 'ready', boot_id: service.bootId, device: 'cpu' }),

  'POST /create_session': (service) => ({ type: 'create_session', session_id: service.createSession() }),

  'POST /session_heartbeat': (service, body) => {
    service.touch(body.session_id);
    return { type: 'session_heartbeat' };
  },

  'POST /create_model': (service, body) => {
    service.touch(body.session_id);
    const base = service.base(body.base_model);
    const isSkyRl = service.settings.dialect === 'skyrl-0.3';
    if (isSkyRl && body.lora_config === null) throw new WireError(422, 'BODY_INVALID', 'lora_config is required');
    if (body.base_sha256 !== undefined && body.base_sha256 !== baseHash(base))
      throw new WireError(409, 'BASE_MISMATCH', `The base_sha256 of '${base.name}' is ${baseHash(base)}.`);
    const key = isSkyRl ? undefined : `${body.session_id} ${body.model_seq_id}`;
    return service.createModel(body.session_id, base, body.lora_config, key);
  },

  'POST /get_info': (service, body) => service.info(service.model(body.model_id)),

  'POST /unload_model': (service, body) => ({ request_id: service.unload(body.model_id), model_id: body.model_id }),

  'POST /forward': (service, body) => pass(service, body, body.forward_input, false),

  'POST /forward_backward': (service, body) => pass(service, body, body.forward_backward_input, true),

  'POST /optim_step': (service, body) => {
    const model = service.model(body.model_id);
    const { learning_rate, beta1, beta2, eps, weight_decay, grad_clip_norm } = body.adam_params;
    const adam = {
      learningRate: learning_rate,
      beta1,
      beta2,
      epsilon: eps,
      weightDecay: weight_decay,
      clipNorm: grad_clip_norm,
    };
    return future(service, model, body, nothing, () => {
      const { step, gradientNorm } = model.step(adam);
      if (service.settings.dialect === 'skyrl-0.3') return { metrics: { 'skyrl.ai/grad_norm': gradientNorm } };
      return { type: 'optim_step', step, metrics: { grad_norm: gradientNorm, learning_rate } };
    });
  },

  'POST /save_weights': (service, body) => {
    const model = service.model(body.model_id);
    const check = (): void => service.files.refuseSave(model.id, body.path);
    return future(service, model, body, check, () => {
      const sha256 = service.files.save(model.id, body.path, model.engine, body.seq_id ?? 0, JSON.stringify(body));
      const path = `tinker://${model.id}/weights/${body.path}`;
      return service.settings.dialect === 'skyrl-0.3'
        ? { type: 'save_weights', path }
        : { type: 'save_weights', path, sha256 };
    });
  },

  'POST /load_weights': (service, body) => {
    const model = service.model(body.model_id);
    const [, , from = '', , name = ''] = String(body.path).split('/');
    const check = (): void => service.files.refuseMissing(from, name);
    return future(service, model, body, check, () => {
      service.files.load(from, name, model.engine);
      const reply = { type: 'load_weights', path: body.path };
      return service.settings.dialect === 'skyrl-0.3' ? reply : { ...reply, step: model.engine.steps };
    });
  },

  'POST /save_weights_for_sampler': (service, body) => {
    const model = service.model(body.model_id);
    const check = body.path === undefined ? nothing : (): void => service.files.refuseExport(model.id, body.path);
    return future(service, model, body, check, () => {
      if (body.path === undefined) return { path: null, sampling_session_id: service.keepSampler(model) };
      service.files.export(model.id, body.path, model.engine);
      return { path: `tinker://${model.id}/sampler_weights/${body.path}`, sampling_session_id: null };
    });
  },

  'POST /asample': (service, body) => {
    const prompt = body.prompt.chunks.flatMap((chunk: Body) => chunk.tokens);
    const { max_tokens: maxTokens, temperature, stop, seed } = body.sampling_params;
    const options = { maxTokens, temperature, stop, seed, count: body.num_samples };
    const drawn =
      body.model_path === undefined
        ? service.sample(body.sampling_session_id, prompt, options)
        : service.sampleKept(body.model_path, prompt, options);
    const sequences = drawn.map(({ ids, logprobs, finish }) => ({ tokens: ids, logprobs, stop_reason: finish }));
    return { request_id: service.keep({ result: { type: 'sample', sequences, prompt_logprobs: null } }) };
  },

  'POST /retrieve_future': (service, body) => service.result(body.request_id, 1000 * (body.timeout_seconds ?? 60)),

  'POST /weights_info': (service, body) => {
    const [, , id = '', , name = ''] = String(body.tinker_path).split('/');
    return { type: 'weights_info', files: service.files.exportFiles(id, name) };
  },
};

/** GET /training_runs/ID/checkpoints/sampler_weights/NAME/archive */
export const archivePath = /^\/training_runs\/([^/]+)\/checkpoints\/sampler_weights\/([^/]+)\/archive$/;

/** DELETE /training_runs/ID/checkpoints/KIND/NAME */
export const checkpointPath = /^\/training_runs\/([^/]+)\/checkpoints\/(weights|sampler_weights)\/([^/]+)$/;

function nothing(): void {
  // There is nothing to refuse.
}

function pass(service: WireService, body: Body, input: LossBody, isBackward: boolean): object {
  const model = service.model(body.model_id);
  const { samples, loss } = readData(input);
  const { vocabulary, context } = service.settings;
  const check = (): void => {
    for (const { ids } of samples) checkIds(ids, vocabulary, context);
  };
  return future(service, model, body, check, () => model.pass(samples, loss, isBackward));
}

function future(service: WireService, model: WireModel, body: Body, check: () => void, work: () => object): object {
  return { request_id: service.call(model, body.seq_id, JSON.stringify(body), check, work) };
}
