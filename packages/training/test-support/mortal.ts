import type { IterationPorts } from '../src/iteration-ports.ts';
import type { Promote } from '../src/promote.ts';

/** The process was killed: nothing it calls happens any more. */
export class Killed extends Error {}

/** When a process dies: before the call with this number, or after it, before its caller learned of it. */
export interface Death {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** Ports and decider of a process that dies at one of the calls it makes of the world outside; `calls` counts them. */
export function mortal(
  ports: IterationPorts,
  promote: Promote,
  death?: Death,
): { readonly ports: IterationPorts; readonly promote: Promote; readonly calls: () => number } {
  let calls = 0;
  const reached = <Arguments extends readonly unknown[], Result>(
    work: (...given: Arguments) => Promise<Result>,
  ): ((...given: Arguments) => Promise<Result>) => {
    return async (...given) => {
      calls += 1;
      const isDead = death !== undefined && (calls > death.at || (calls === death.at && death.when === 'before'));
      if (isDead) throw new Killed();
      const result = await work(...given);
      if (death?.at === calls && death.when === 'after') throw new Killed();
      return result;
    };
  };
  const { model, server, episodes, journal, bank, runner } = ports;
  return {
    calls: () => calls,
    promote: reached(promote),
    ports: {
      ...ports,
      model: {
        ...model,
        load: reached(model.load),
        forward: reached(model.forward),
        forwardBackward: reached(model.forwardBackward),
        step: reached(model.step),
        save: reached(model.save),
        exportWeights: reached(model.exportWeights),
        remove: reached(model.remove),
      },
      server: {
        ...server,
        publish: reached(server.publish),
        goLive: reached(server.goLive),
        remove: reached(server.remove),
      },
      episodes: {
        ...episodes,
        append: reached(episodes.append),
        registerExport: (record, holdings) => reached(() => episodes.registerExport(record, holdings))(),
      },
      journal: { ...journal, append: reached(journal.append), finish: reached(journal.finish) },
      bank: bank && { ...bank, entries: { ...bank.entries, commit: reached(bank.entries.commit) } },
      runner: async (playing) => {
        const opened = await runner(playing);
        return { ...opened, run: reached(opened.run) };
      },
    },
  };
}
