import { chatModel, openSkillMemory } from 'skillrl';

const model = chatModel('ollama:qwen3:4b');
const memory = await openSkillMemory('./memory', {
  embedder: 'ollama:nomic-embed-text',
  distillerModel: chatModel('ollama:qwen3:4b', { contextSize: 8192 }),
});

const task = { instruction: 'Name a prime above 90.' };
const { episodeId } = await memory.run(task, async (episode) => {
  const advice = await episode.recall();
  return episode.call(model, `${advice.text}\n${task.instruction}`, { maxTokens: 32, temperature: 0 });
});
await memory.outcome(episodeId, true);
await memory.learn();
console.log((await memory.search('prime number')).map(({ kind, title }) => `${kind}: ${title}`));

const reply = await model.chat({
  prompt: [{ role: 'user', content: 'Is 97 a prime?' }],
  jsonSchema: { type: 'object', properties: { prime: { type: 'boolean' } }, required: ['prime'] },
  maxTokens: 64,
  signal: AbortSignal.timeout(60_000),
});
console.log(reply.finish === 'stop' ? typeof JSON.parse(reply.text).prime : 'The reply was cut off.');
await memory.close();
