import { escaped, linePlot } from './line-plot.ts';
import type { Check, Study, StudyResult, Table } from './study.ts';

/** A study and what came out of it. */
export interface StudyReport extends Study, StudyResult {
  readonly seconds: number;
}

/** One self-contained page: each study with its claim, its checks, tables, plots and notes. */
export function reportHtml(reports: readonly StudyReport[], seeds: readonly number[]): string {
  const held = reports.flatMap(({ checks }) => checks).filter(({ verdict }) => verdict === 'holds').length;
  const all = reports.flatMap(({ checks }) => checks).length;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>The learning signals, studied</title><style>${style}</style></head><body>
<h1>The learning signals, studied</h1>
<p>${held} of ${all} claims hold. Means over ${seeds.length} seeds with 95 % intervals (Student’s t). Small worlds show a direction; what a signal does to a real policy is measured by training it.</p>
${reports.map(section).join('\n')}
</body></html>
`;
}

function section({ title, claim, source, checks, tables, plots, notes, seconds }: StudyReport): string {
  return `<section><h2>${escaped(title)}</h2>
<p>${escaped(claim)} <span class="quiet">${escaped(source)}; ${seconds.toFixed(1)} s</span></p>
<ul class="checks">${checks.map(item).join('')}</ul>
${plots.map(linePlot).join('')}
${tables.map(table).join('')}
${notes.map((note) => `<p class="quiet">${escaped(note)}</p>`).join('')}
</section>`;
}

function item({ claim, mean, interval, asked, verdict }: Check): string {
  const numbers = [mean, interval.low, interval.high].map((value) => value.toPrecision(3));
  return `<li class="${verdict === 'holds' ? 'holds' : 'misses'}"><b>${verdict}</b> ${escaped(claim)}: ${numbers[0]} [${numbers[1]}, ${numbers[2]}] <span class="quiet">asked ${escaped(asked)}</span></li>`;
}

function table({ title, columns, rows }: Table): string {
  const cells = (tag: string, row: readonly (string | number)[]): string =>
    row.map((cell) => `<${tag}>${escaped(String(cell))}</${tag}>`).join('');
  return `<div class="wide"><table><caption>${escaped(title)}</caption><thead><tr>${cells('th', columns)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</tbody></table></div>`;
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
.quiet { opacity: .7; font-size: .9em; }
.checks { list-style: none; padding: 0; } .checks li { margin: .3rem 0; }
.holds b { color: #2b8a3e; } .misses b { color: #c92a2a; }
svg { width: 100%; height: auto; border-radius: 6px; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: 1rem 0; } caption { text-align: left; opacity: .7; }
th, td { padding: .25rem .7rem; text-align: right; } th:first-child, td:first-child { text-align: left; } tr + tr td { border-top: 1px solid #8883; }
`;
