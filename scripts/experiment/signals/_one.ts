const [, , file, name, seeds = '2'] = process.argv;
const study = (await import(file!))[name!];
const t = performance.now();
const r = study.run(Array.from({ length: Number(seeds) }, (_, i) => i + 1), () => {});
for (const c of r.checks) console.log(c.verdict, c.claim, c.mean.toFixed(4), [c.interval.low.toFixed(4), c.interval.high.toFixed(4)], c.asked);
for (const tb of r.tables) { console.log(tb.title); console.log(tb.columns.join(' | ')); for (const row of tb.rows) console.log(row.join(' | ')); }
console.log(((performance.now() - t) / 1000).toFixed(1), 's');
