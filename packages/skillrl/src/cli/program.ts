import { Command, CommanderError } from 'commander';

import { addBankCommands } from './bank.ts';
import { addBenchCommands } from './bench.ts';
import { addDataCommands } from './data.ts';
import { addDoctorCommand } from './doctor.ts';
import { addEnvCommands } from './env.ts';
import { addEpisodesCommands } from './episodes.ts';
import { addLearnCommand } from './learn.ts';
import { addMcpCommand } from './mcp.ts';
import { exitCodeOf, printError } from './output.ts';
import { addPolicyCommands } from './policy.ts';
import { addStartCommand } from './start.ts';
import { addTrainCommands } from './train.ts';
import { addTrainerCommands } from './trainer.ts';

const program = new Command('skillrl')
  .description('Agents that remember what worked, learn why things failed, and prove that each memory helps.')
  .showHelpAfterError('(skillrl --help shows the commands)')
  .configureHelp({ sortSubcommands: false })
  .exitOverride();

addStartCommand(program);
addBenchCommands(program);
addBankCommands(program);
addEpisodesCommands(program);
addLearnCommand(program);
addEnvCommands(program);
addTrainCommands(program);
addTrainerCommands(program);
addPolicyCommands(program);
addDataCommands(program);
addMcpCommand(program);
addDoctorCommand(program);
program.addHelpText(
  'after',
  `
Exit codes: 0 success, 1 a bug of ours, 2 a wrong argument or line of a file, 3 a setting, 4 a file or the disk, 5 a model or the network, 6 an environment, 130 stopped.
Settings come from skillrl.config.ts, then SKILLRL_… variables, then flags; skillrl doctor shows each and where it came from.`,
);

// Whoever reads our output may stop early (`… | head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    printError(error, process.argv.includes('--json'));
    process.exitCode = exitCodeOf(error);
  }
}
