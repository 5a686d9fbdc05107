import { tinkerTrainer } from '@skillrl/drivers';

const trainer = tinkerTrainer({
  url: process.env['SKILLRL_TRAINER_URL'] ?? 'http://127.0.0.1:41873/api/v1',
  token: process.env['SKILLRL_TRAINER_TOKEN'],
});
const model = await trainer.open({ base: 'warm' });

const sequence = { ids: [5, 17, 23, 8], weights: [0, 1, 1, 1] };
const before = await model.forward([sequence]);
await model.forwardBackward([sequence], { name: 'cross_entropy' });
const { step } = await model.step({ learningRate: 1e-3 });
const after = await model.forward([sequence]);
console.log(`step ${step}: the loss ${after.loss < before.loss ? 'fell' : 'did not fall'}`);

const { path } = await model.save(`v${step}`);
await model.load(path);
await model.exportWeights(`v${step}`, './exported');
await model.remove(path);

await model.close();
await trainer.close();
