import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { serveHttp } from '@skillrl/mcp';
import { openSkillMemory } from 'skillrl';

const memory = await openSkillMemory('./memory');
const task = { instruction: 'Restart the mail server' };
await memory.run(task, () => 'systemctl restart postfix', { grade: () => true });
await memory.learn();

// In earnest from a secret store; at least 16 characters. Each token sees its own tenant's bank and nothing else.
const token = 'a-token-of-team-a';
const server = await serveHttp(memory, { port: 0, tokens: { [token]: memory.namespace } });

const client = new Client({ name: 'example', version: '1.0.0' });
const headers = { Authorization: `Bearer ${token}` };
await client.connect(new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers } }));

const { structuredContent: found } = await client.callTool({
  name: 'search_skills',
  arguments: { query: 'mail server' },
});
console.log((found as { skills: { title: string }[] }).skills.map(({ title }) => title));

await client.callTool({
  name: 'record_episode',
  arguments: {
    task: 'Find out why no mail arrives',
    steps: [{ action: 'mailq', observation: 'the queue is empty' }],
    success: true,
  },
});
await client.close();
await server.close();

// What a client says of itself is kept, and verifies nothing: what is learned from it is shown to nobody.
const { added, quarantined } = await memory.learn();
console.log(`${added.length} learned, ${quarantined.length} of them in quarantine`);
await memory.close();
