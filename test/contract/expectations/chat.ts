import type { ChatGiven } from '../chat.js';
import type { Contract } from '../contract.js';
import { DECISIONS } from './chat-decisions.js';
import { READABLE_IN_FULL } from './chat-readable.js';
import { SHOWN } from './chat-shown.js';
import { TALK } from './chat-talk.js';
import { TROUBLES } from './chat-troubles.js';

/** What every chat promises to the people in it, whatever it looks like there. */
export const CHAT: Contract<ChatGiven> = {
  system: 'chat',
  expectations: [...SHOWN, ...READABLE_IN_FULL, ...DECISIONS, ...TROUBLES, ...TALK],
};
