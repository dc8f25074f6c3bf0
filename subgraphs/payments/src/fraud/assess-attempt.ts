import type { LockedPayment } from '../payment/lock-payment.ts';
import type { Act } from '../services.ts';
import { type Assessment, assess, type FraudPhase } from './fraud.ts';
import { FraudAssessmentEntity } from './fraud-assessment.entity.ts';
import { gatherFacts } from './fraud-facts.ts';

/**
 * What the fraud rules say of the current attempt of a locked payment. BEFORE the provider is asked they know a card only when it is a saved
 * one; what they say AFTER decides about captured money. Each is said once: asked again, the answer is the stored one.
 */
export async function assessAttempt(subject: LockedPayment, phase: FraudPhase, act: Act): Promise<Assessment> {
  const { payment, attempt } = subject;
  const stored = await act.em.findOne(FraudAssessmentEntity, { attemptId: attempt.id, phase });
  if (stored) return stored;

  const assessment = assess(await gatherFacts(subject, phase, act), act.settings.fraud);
  const row = { ...assessment, attemptId: attempt.id, phase, paymentId: payment.id, assessedAt: act.now };
  act.em.persist(act.em.create(FraudAssessmentEntity, row));
  return assessment;
}
