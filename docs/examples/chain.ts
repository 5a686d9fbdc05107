import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { skillMemory } from '@skillrl/langchain';
import { AIMessage, fakeModel } from 'langchain';
import { openSkillMemory } from 'skillrl';

// Any chat model stands here. This one follows a script, so that the program runs anywhere.
const model = fakeModel()
  .respond(new AIMessage('SELECT name FROM customers WHERE city = $1'))
  .respond(new AIMessage('SELECT count(*) FROM customers WHERE city = $1'));

const prompt = ChatPromptTemplate.fromMessages([
  ['system', 'You write SQL with parameters.\n{skills}'],
  ['human', '{question}'],
]);
const writeSql = prompt.pipe(model).pipe(new StringOutputParser());

const memory = await openSkillMemory('./memory');
const skills = skillMemory(memory, { grade: ({ messages }) => messages.at(-1)?.text.includes('$1') });
const chain = skills
  .withSkills(writeSql, { query: (input: { question: string }) => input.question })
  .withConfig({ callbacks: [skills.tracer()] });

for (const question of ['Names of the customers in a city', 'How many customers are in a city?']) {
  console.log(await chain.invoke({ question }));
  await skills.flush();
}

const [, second] = model.calls;
console.log(
  second?.messages[0]?.text.includes('WHERE city = $1')
    ? 'The second prompt shows the first success.'
    : 'Nothing was shown.',
);
await memory.close();
