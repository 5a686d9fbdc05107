import type { Progress } from '@skillrl/core';

/**
 * Draws progress on standard error: one line that is rewritten on a terminal, a line every ten seconds elsewhere.
 *
 * @param stream - default: standard error.
 */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): Progress {
  let startedAt = 0;
  let resumed = 0;
  let printedAt = 0;
  const print = (text: string, last: boolean): void => {
    if (stream.isTTY) stream.write(`\r\u001b[2K${text}${last ? '\n' : ''}`);
    else stream.write(`${text}\n`);
    printedAt = Date.now();
  };
  return (event) => {
    switch (event.type) {
      case 'stage-start':
        startedAt = Date.now();
        printedAt = startedAt;
        resumed = 0;
        if (stream.isTTY) print(`${event.stage} …`, false);
        break;
      case 'stage-advance': {
        if (event.note === 'already finished') resumed = event.done;
        if (Date.now() - printedAt < (stream.isTTY ? 100 : 10_000)) break;
        const seconds = (Date.now() - startedAt) / 1_000;
        const rate = (event.done - resumed) / Math.max(seconds, 0.001);
        const left =
          event.total === undefined || rate === 0 ? '' : `, ${duration((event.total - event.done) / rate)} left`;
        print(
          `${event.stage}: ${event.done}${event.total === undefined ? '' : ` of ${event.total}`} (${rate.toFixed(1)}/s${left})`,
          false,
        );
        break;
      }
      case 'stage-end':
        print(
          `${event.stage}: ${event.done} in ${duration(event.durationMs / 1_000)}${resumed > 0 ? ` (${resumed} already finished)` : ''}`,
          true,
        );
        break;
      case 'notice':
        print(event.message, true);
        break;
      default:
        event satisfies never;
    }
  };
}

function duration(seconds: number): string {
  return seconds < 90 ? `${seconds.toFixed(0)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
