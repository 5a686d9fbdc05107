// The front door of `npm start`, `npm test`, `npm run skillrl|measure|experiment|train:policy`.
// This file keeps to syntax that Node 12 can read, so that an old Node prints a sentence instead of a parse error.
var needed = 20;

if (Number(process.versions.node.split('.')[0]) < needed) {
  process.stderr.write(
    'skillrl: Node ' +
      process.versions.node +
      ' is too old: Node ' +
      needed +
      ' or newer is needed to begin ' +
      '(Node 24 is then fetched for this folder alone). Install a current Node from https://nodejs.org or with your ' +
      'version manager, and run the same command again.\n',
  );
  process.exit(1);
} else {
  void import('./bootstrap/main.mjs').then(function (bootstrap) {
    return bootstrap.main(process.argv.slice(2));
  });
}
