/** Ends what the global setup has started. A run that is killed needs no tear-down: the stack ends with it. */
export default async function tearDown() {
  await globalThis.tesseraE2eStack?.end();
}
