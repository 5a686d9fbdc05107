import { escapeHtml } from './escape-html.ts';

/** A report as one self-contained page: no scripts, no fonts, nothing fetched. @param body - HTML below the title. */
export function reportPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · SkillRL</title>
<style>${styles}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

const styles = `
:root { color-scheme: light dark; --ink: #1c2430; --muted: #66707f; --line: #d9dee6; --paper: #ffffff; --soft: #f4f6f9; --good: #1a7f4b; --bad: #b3372f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --muted: #98a2b3; --line: #333c49; --paper: #14181e; --soft: #1c222b; --good: #4cc38a; --bad: #f2776c; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { line-height: 1.2; margin-bottom: 0.25rem; } h2 { margin-top: 2.5rem; } .question { color: var(--muted); margin-top: 0; }
.gain { background: var(--soft); border-left: 4px solid var(--muted); padding: 0.75rem 1rem; font-weight: 600; }
.gain.higher { border-color: var(--good); } .gain.lower { border-color: var(--bad); }
.wide { overflow-x: auto; } table { border-collapse: collapse; min-width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.5rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; } thead th { white-space: normal; vertical-align: bottom; }
td.verdict { white-space: normal; min-width: 8rem; } td.unresolved { color: var(--muted); } tr.primary > * { font-weight: 600; } th:first-child { text-align: left; }
table.words td { white-space: normal; text-align: left; vertical-align: top; } td small { display: block; color: var(--muted); } dt { font-weight: 600; } dd { margin: 0 0 0.5rem; color: var(--muted); }
pre { background: var(--soft); padding: 0.75rem 1rem; overflow: auto; max-height: 22rem; white-space: pre-wrap; overflow-wrap: anywhere; }
svg { width: 100%; max-width: 42rem; height: auto; } svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
svg .muted { fill: var(--muted); } svg .grid { stroke: var(--line); }
`;
