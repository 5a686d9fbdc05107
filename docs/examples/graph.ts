import { SystemMessage } from '@langchain/core/messages';
import { MessagesAnnotation, START, StateGraph } from '@langchain/langgraph';
import { skillMemory } from '@skillrl/langchain';
import { AIMessage, fakeModel } from 'langchain';
import { openSkillMemory } from 'skillrl';

// Any chat model stands here. This one follows a script, so that the program runs anywhere.
const model = fakeModel()
  .respond(new AIMessage('Restart the print spooler.'))
  .respond(new AIMessage('Restart the print spooler, as last time.'));

const memory = await openSkillMemory('./memory');
const skills = skillMemory(memory, { grade: ({ messages }) => messages.at(-1)?.text.includes('spooler') });

const graph = new StateGraph(MessagesAnnotation)
  .addNode('answer', async ({ messages }) => {
    const known = await skills.recall(messages.at(-1)?.text ?? '');
    const system = new SystemMessage(`You help with computers.\n${known}`);
    return { messages: [await model.invoke([system, ...messages])] };
  })
  .addEdge(START, 'answer')
  .compile()
  .withConfig({ callbacks: [skills.tracer()] });

for (const content of ['The printer prints nothing.', 'The printer on the second floor prints nothing.']) {
  const { messages } = await graph.invoke({ messages: [{ role: 'user', content }] });
  console.log(messages.at(-1)?.text);
  await skills.flush();
}

const [, second] = model.calls;
console.log(
  second?.messages[0]?.text.includes('print spooler')
    ? 'The second prompt shows the first success.'
    : 'Nothing was shown.',
);
await memory.close();
