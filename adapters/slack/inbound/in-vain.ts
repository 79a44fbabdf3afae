import type { Click } from '../../../src/domain/decision.js';
import { type Inbound, within } from './context.js';

/** Who it is, and what the gate would say; a trigger lives for three seconds, and Slack must take the form within them too. */
const WITHIN_MS = 1000;

/**
 * Whether no words would make this click count, by the gate's own rules: then nobody needs to fill in a form to hear why. What is not
 * known in time is left to the form and to the gate.
 */
export async function isInVain(inbound: Inbound, user: string, click: Omit<Click, 'by' | 'words'>): Promise<boolean> {
  const asked = async (): Promise<boolean> => {
    const by = await inbound.identity.personOf(user);
    if (by === undefined) return true;
    const preview = await inbound.backend.preview({ ...click, by, words: '' });
    return !preview.counts && preview.answer.outcome !== 'invalid';
  };
  return (await within(WITHIN_MS, asked())) ?? false;
}
