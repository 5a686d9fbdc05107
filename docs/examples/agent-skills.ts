import { MemorySaver } from '@langchain/langgraph';
import { reloadSkills, skillBackend } from '@skillrl/langchain/deepagents';
import { createFilesystemMiddleware, createSkillsMiddleware } from 'deepagents';
import { AIMessage, createAgent, fakeModel } from 'langchain';
import { openSkillMemory } from 'skillrl';

const memory = await openSkillMemory('./memory');
const done = ['Restart the mail server', 'Renew the certificate of the shop', 'Count the bottles in the cellar'];
for (const instruction of done) await memory.run({ instruction }, () => 'done as asked', { grade: () => true });
await memory.learn();

// Any chat model stands here. This one follows a script, so that the program runs anywhere.
const model = fakeModel().respond(new AIMessage('Restarted.')).respond(new AIMessage('Renewed.'));

const backend = skillBackend(memory, { budgetTokens: 100 });
const agent = createAgent({
  model,
  checkpointer: new MemorySaver(),
  middleware: [
    createFilesystemMiddleware({ backend }),
    createSkillsMiddleware({ backend, sources: ['/skills/'] }),
    reloadSkills(),
  ],
});

const thread = { configurable: { thread_id: 'one' } };
for (const content of ['The mail server must be restarted', 'Renew the certificate of the shop, please']) {
  await agent.invoke({ messages: [{ role: 'user', content }] }, thread);
  const prompt = model.calls.at(-1)?.messages[0]?.text ?? '';
  console.log(`${content}: ${[...prompt.matchAll(/^- \*\*(.*)-\w+\*\*/gm)].map(([, name]) => name).join(', ')}`);
}
await memory.close();
