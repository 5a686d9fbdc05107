import { AIMessage, createAgent, fakeModel, tool } from 'langchain';
import { z } from 'zod';
import { skillMemory } from '@skillrl/langchain';
import { openSkillMemory } from 'skillrl';

const places = new Map([['mug', 'on the shelf above the sink']]);
const find = tool(({ what }) => places.get(what) ?? `There is no ${what}.`, {
  name: 'find',
  description: 'Where a thing is.',
  schema: z.object({ what: z.string() }),
});

// Any chat model stands here. This one follows a script, so that the program runs anywhere.
const model = fakeModel()
  .respondWithTools([{ name: 'find', args: { what: 'mug' }, id: 'call_1' }])
  .respond(new AIMessage('The mug is on the shelf above the sink.'))
  .respond(new AIMessage('The mug is on the shelf above the sink, as it was before.'));

const memory = await openSkillMemory('./memory');
const skills = skillMemory(memory, {
  grade: ({ messages }) => messages.at(-1)?.text.includes('shelf'),
  trustedTools: ['find'],
});

const agent = skills.attach(
  createAgent({
    model,
    tools: [find],
    systemPrompt: 'You know the kitchen.',
    middleware: [skills.middleware()],
  }),
);

for (const question of ['Where is the mug?', 'Where is the blue mug?']) {
  const { messages, retrievedSkillIds } = await agent.invoke({ messages: [{ role: 'user', content: question }] });
  console.log(`${messages.at(-1)?.text} (${messages.length} messages, shown: ${retrievedSkillIds?.length ?? 0})`);
  await skills.flush();
}

const { episodes, entries } = await memory.stats();
console.log(`${episodes.success} successes, ${entries.kinds.demonstration} demonstrations`);
await memory.close();
