// `npm run train:policy [-- --smoke]`: trains the built-in policy from nothing in its own Python environment.
process.argv.splice(2, 0, 'train');
await import('../apps/trainer/run.mjs');
