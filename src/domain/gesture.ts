import { sha256Hex } from './canonical.js';
import type { Action, Card, Thread } from './card.js';
import type { Click, Person, Verdict } from './decision.js';
import type { ChatBackend } from './ports.js';

/** Names one gesture: the same one delivered again has the same name, which the inbox ignores. */
export function jobId(...parts: (string | undefined)[]): string {
  return `chat-${sha256Hex(JSON.stringify(parts)).slice(0, 40)}`;
}

/** Calls back with the work's result, or undefined when it fails or is not there in time: a chat's deadline does not wait. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([work.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A button as it stands on a card now. */
export interface Found {
  card: Card;
  action: Action;
}

/** Undefined when the card with this digest has no such button any more. */
export function actionIn(thread: Thread, digest: string | undefined, verdict: Verdict): Found | undefined {
  const card = thread.cards.find((one) => one.digest === digest && one.actions.length > 0);
  const action = card?.actions.find((one) => one.verdict === verdict);
  return card === undefined || action === undefined ? undefined : { card, action };
}

/** Who it is, and what the gate would say: a chat's deadline does not wait longer. */
const IN_VAIN_WITHIN_MS = 1000;

/**
 * Whether no words would make this click count, by the gate's own rules: then nobody needs to fill in a form to hear why. What is not
 * known in time is left to the form and to the gate.
 */
export async function isInVain(
  backend: Pick<ChatBackend, 'preview'>,
  personOf: () => Promise<Person | undefined>,
  click: Omit<Click, 'by' | 'words'>,
): Promise<boolean> {
  const asked = async (): Promise<boolean> => {
    const by = await personOf();
    if (by === undefined) return true;
    const preview = await backend.preview({ ...click, by, words: '' });
    return !preview.counts && preview.answer.outcome !== 'invalid';
  };
  return (await within(IN_VAIN_WITHIN_MS, asked())) ?? false;
}
