/** Ends what the global setup has started; in the same process, so it can be handed over as it is. */
export default async function tearDown() {
  await globalThis.tesseraTestStores?.close();
}
