import type { Click } from '../../../src/domain/decision.js';
import { isInVain as isInVainFor } from '../../../src/domain/gesture.js';
import type { Inbound } from './context.js';

/** A trigger lives for three seconds, and Slack must take the form within them too. */
export function isInVain(inbound: Inbound, user: string, click: Omit<Click, 'by' | 'words'>): Promise<boolean> {
  return isInVainFor(inbound.backend, () => inbound.identity.personOf(user), click);
}
