import { createHmac } from 'node:crypto';

/**
 * Places in rendered HTML that differ from viewer to viewer, so that one rendering serves all: the text is filled in when it is
 * sent. The names can not be guessed, so text from outside can not ask for another viewer's token.
 */
export interface Slots {
  csrf: string;
  gesture: string;
  who: string;
}

export function createSlots(secret: string): Slots {
  const named = (name: string): string =>
    `slot-${createHmac('sha256', secret).update(`slot:${name}`).digest('hex').slice(0, 32)}`;
  return { csrf: named('csrf'), gesture: named('gesture'), who: named('who') };
}

/** `csrf` and `gesture` are plain tokens; `who` is HTML that was already escaped. */
export function fillSlots(html: string, slots: Slots, values: Slots): string {
  return html
    .replaceAll(slots.csrf, values.csrf)
    .replaceAll(slots.gesture, () => values.gesture)
    .replaceAll(slots.who, () => values.who);
}
