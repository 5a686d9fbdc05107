import { randomUUID } from 'node:crypto';

import { skillMemory } from '@skillrl/langchain';
import { AIMessage, createAgent, fakeModel } from 'langchain';
import { openSkillMemory } from 'skillrl';

// Any chat model stands here. This one follows a script, so that the program runs anywhere.
const model = fakeModel().respond(new AIMessage('Write to billing@example.org with the invoice number.'));

const memory = await openSkillMemory('./memory');
const skills = skillMemory(memory);
const agent = skills.attach(createAgent({ model, tools: [], middleware: [skills.middleware()] }));

// The request: the id goes to the page that shows the answer.
const episodeId = randomUUID();
await agent.invoke(
  { messages: [{ role: 'user', content: 'How do I get a refund?' }] },
  { context: { skillMemory: { episodeId } } },
);
console.log('after the run:', (await memory.stats()).episodes);

// Days later, from another request: a thumbs-up. Saying it again changes nothing.
await skills.feedback(episodeId, true);
await skills.feedback(episodeId, true);
console.log('after the feedback:', (await memory.stats()).episodes);

await skills.flush();
console.log((await memory.search('refund')).map(({ kind, title }) => `${kind}: ${title}`));
await memory.close();
