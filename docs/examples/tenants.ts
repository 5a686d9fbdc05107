import { skillMemory } from '@skillrl/langchain';
import { AIMessage, createAgent, fakeModel } from 'langchain';
import { openSkillMemory } from 'skillrl';
import { z } from 'zod';

// Any chat model stands here. This one answers the same to everybody, so that the program runs anywhere.
const model = fakeModel()
  .respond(new AIMessage('Your door code is 4711.'))
  .respond(new AIMessage('I do not know.'))
  .respond(new AIMessage('Your door code is 4711, as before.'))
  .respond(new AIMessage('I do not know.'));

const memory = await openSkillMemory('./memory');
const skills = skillMemory(memory, {
  namespace: ({ context }) => context.userId,
  grade: ({ messages }) => messages.at(-1)?.text.includes('4711'),
  onError: (what, error) => console.log(`memory: could not ${what}: ${(error as Error).message}`),
});

const agent = skills.attach(
  createAgent({
    model,
    tools: [],
    contextSchema: z.object({ userId: z.string().optional() }),
    middleware: [skills.middleware()],
  }),
);

for (const userId of ['ann', 'ben', 'ann', undefined]) {
  const question = { messages: [{ role: 'user', content: 'What is my door code?' }] };
  const { retrievedSkillIds = [] } = await agent.invoke(question, { context: { userId } });
  console.log(`${userId}: shown ${retrievedSkillIds.length}`);
  await skills.flush();
}

for (const userId of ['ann', 'ben']) {
  const { episodes, entries } = await memory.inNamespace(userId).stats();
  console.log(
    `${userId}: ${episodes.success} of ${episodes.success + episodes.failure} succeeded, ${entries.total} entries`,
  );
}
await memory.close();
