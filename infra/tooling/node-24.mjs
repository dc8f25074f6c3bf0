// Runs in front of every script that matters. Plain JavaScript: the Node it has to refuse cannot
// read TypeScript, and would only say "Unknown file extension".
const needed = 24;
const running = Number(process.versions.node.split('.')[0]);

if (running < needed) {
  console.error(
    `Node ≥ ${needed} needed, this is ${process.versions.node} (${process.platform} ${process.arch}).\n` +
      'On Linux x64 and arm64 `npm ci` brings it along and `npm run …` uses it; elsewhere install it from https://nodejs.org.',
  );
  process.exit(1);
}
