import type { ReceivedEvent, UnitOfWork } from '@tessera/service-kit/messaging';
import { saveRecipient } from './recipient-save.ts';

/** The event carries the whole entry, so whichever part changed, the newest one wins. */
export async function onHandleChanged(event: ReceivedEvent<'HandleChanged'>, { em }: UnitOfWork): Promise<void> {
  await saveRecipient(em, event.payload, event.sequence);
}
