import type { Mention } from './body.js';

const EMAIL = /^[\w.+'-]{1,64}@[A-Za-z0-9.-]{1,190}$/;
const OBJECT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * How a card calls somebody: by address (UPN) or by the object id of their account. Undefined for anything else. Only words of ours
 * stand beside it, as Teams looks for the mention in texts that it reads as Markdown.
 */
export function mentionOf(notify: string | undefined): Mention | undefined {
  if (notify === undefined) return undefined;
  if (EMAIL.test(notify)) return mention(notify, notify.replaceAll('_', ' '));
  return OBJECT_ID.test(notify) ? mention(notify, 'On call') : undefined;
}

function mention(id: string, name: string): Mention {
  return { type: 'mention', text: `<at>${name}</at>`, mentioned: { id, name } };
}
