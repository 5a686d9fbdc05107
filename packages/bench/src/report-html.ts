import { escapeHtml } from './escape-html.ts';
import { reportPage } from './report-page.ts';
import { contrastCells, contrastLine, noPair } from './report-table.ts';
import { type Report } from './report.ts';
import { intervalChart, stepsChart } from './report-charts.ts';
import type { ArmSummary } from './summarise.ts';

/** The report as one self-contained page: no scripts, no fonts, nothing fetched. */
export function reportHtml(report: Report): string {
  const { manifest } = report;
  const title =
    manifest.protocol === 'transfer'
      ? 'Does the memory help on tasks it has not seen?'
      : 'Does the memory help at the second attempt?';
  return reportPage(
    title,
    `<p class="question">${escapeHtml(manifest.question)}</p>
${primaryBox(report)}
<h2>Success by arm</h2>
${intervalChart(report)}
<h2>Success within so many steps</h2>
${stepsChart(report)}
<h2>Numbers</h2>
${armTable(report)}
<h2>Comparisons, paired by task</h2>
${contrastTable(report)}
${report.notes.length === 0 ? '' : `<h2>Notes</h2><ul>${report.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`}
${typeTable(report)}
${entriesSection(report)}
<h2>Manifest, written before the run</h2>
<details><summary>${escapeHtml(manifest.id)} · ${manifest.panel.tasks.length} tasks × ${manifest.samples} plays × ${manifest.arms.length} arms</summary>
<pre>${escapeHtml(JSON.stringify(manifest, undefined, 2))}</pre></details>`,
  );
}

function primaryBox({ contrasts }: Report): string {
  const primary = contrasts.find((contrast) => contrast.primary);
  if (primary === undefined) return `<p class="gain">Gain unknown: ${noPair}</p>`;
  return `<p class="gain ${primary.verdict}">${escapeHtml(contrastLine(primary))}</p>`;
}

function armTable({ arms, manifest }: Report): string {
  const describe = new Map(manifest.arms.map((arm) => [arm.name, arm.description]));
  const columns = arms.find((arm) => arm.endpoints.length > 0)?.endpoints.map(({ endpoint }) => endpoint) ?? [];
  const head = ['arm', ...columns, 'entry tokens', 'plays', 'errored', 'truncated']
    .map((name) => `<th>${escapeHtml(name)}</th>`)
    .join('');
  const row = (arm: ArmSummary): string => {
    const cells = columns.map((name) => {
      const found = arm.endpoints.find(({ endpoint }) => endpoint === name);
      if (found === undefined) return '<td>–</td>';
      const isShare = name.startsWith('success');
      const format = (value: number): string =>
        isShare ? (100 * value).toFixed(1) : value.toFixed(value < 1_000 ? 1 : 0);
      return `<td>${format(found.mean)}${isShare ? ' %' : ''}<small>${format(found.interval95.low)} – ${format(found.interval95.high)}</small></td>`;
    });
    const counts = [arm.adviceTokens.toFixed(0), arm.plays, arm.errored, arm.truncated].map(
      (count) => `<td>${count}</td>`,
    );
    return `<tr><th title="${escapeHtml(describe.get(arm.arm) ?? '')}">${escapeHtml(arm.arm)}</th>${cells.join('')}${counts.join('')}</tr>`;
  };
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${arms.map(row).join('')}</tbody></table></div>
<dl>${manifest.arms.map((arm) => `<dt>${escapeHtml(arm.name)}</dt><dd>${escapeHtml(arm.description)}</dd>`).join('')}</dl>`;
}

function contrastTable({ contrasts }: Report): string {
  if (contrasts.length === 0) return `<p>None: ${noPair}</p>`;
  const rows = contrasts.map((contrast) => {
    const { difference, interval, unit, verdict } = contrastCells(contrast);
    const cells = [contrast.endpoint, `${difference}${unit}`, interval, String(contrast.pairs)];
    const label = `${contrast.arm} − ${contrast.against}`;
    return `<tr${contrast.primary ? ' class="primary"' : ''}><th>${escapeHtml(label)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}<td class="verdict ${contrast.verdict}">${escapeHtml(verdict)}</td></tr>`;
  });
  const head = ['arms', 'endpoint', 'difference', '95 % interval', 'pairs', 'verdict'];
  return `<div class="wide"><table><thead><tr>${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function typeTable({ arms }: Report): string {
  const types = [...new Set(arms.flatMap((arm) => arm.byType.map(({ type }) => type)))].toSorted();
  if (types.length < 2) return '';
  const cell = (arm: ArmSummary, type: string): string => {
    const found = arm.byType.find((entry) => entry.type === type);
    return `<td>${found === undefined ? '–' : `${found.successes}/${found.plays}`}</td>`;
  };
  const rows = types.map(
    (type) => `<tr><th>${escapeHtml(type)}</th>${arms.map((arm) => cell(arm, type)).join('')}</tr>`,
  );
  return `<h2>Wins by kind of task</h2><div class="wide"><table><thead><tr><th>task</th>${arms.map(({ arm }) => `<th>${escapeHtml(arm)}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function entriesSection({ entries }: Report): string {
  const learned = Object.entries(entries.learned);
  if (learned.length === 0) return '';
  const counts = learned.map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`).join(', ');
  const examples = entries.examples.map(
    (example) =>
      `<h3>${escapeHtml(example.kind)}: ${escapeHtml(example.title)}</h3><pre>${escapeHtml(example.text)}</pre>`,
  );
  return `<h2>What was learned</h2><p>${escapeHtml(counts)}</p>${examples.join('')}`;
}
