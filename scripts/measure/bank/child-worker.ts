import { enableCompileCache } from 'node:module';

// As the command line program does.
enableCompileCache();

// Runs one piece of work in a process of its own: the file is named by the first argument, its input comes as the first message.
process.once('message', (input) => {
  void run(input).finally(() => process.disconnect());
});

async function run(input: unknown): Promise<void> {
  try {
    const { work } = (await import(process.argv[2]!)) as { work: (input: unknown) => unknown };
    const result = await work(input);
    await send({ result });
  } catch (error) {
    await send({ failure: error instanceof Error ? error.message : String(error) });
  }
}

/** Resolves when it is on its way, so that the process does not end before. */
function send(message: object): Promise<void> {
  return new Promise((resolve) => process.send!(message, () => resolve()));
}
