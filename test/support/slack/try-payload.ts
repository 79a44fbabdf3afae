import { plain } from './valid-blocks.js';
import type { Refusal } from './validate/fault.js';
import { type MessageArgs, validateMessage } from './validate/message.js';
import { validateView } from './validate/view.js';

/** Short ways to make payloads of a given size and to have them judged. */

export const x = (length: number): string => 'x'.repeat(length);
export const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
export const post = (blocks: unknown, more: Partial<MessageArgs> = {}): Refusal | undefined =>
  validateMessage({ method: 'chat.postMessage', text: 'text', blocks, ...more });
export const modal = (blocks: unknown[], more: object = {}): Refusal | undefined =>
  validateView({ type: 'modal', title: plain('Title'), submit: plain('Send'), blocks, ...more });
export const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text } });
export const actions = (element: object): object => ({ type: 'actions', elements: [element] });
export const input = (element: object): object => ({ type: 'input', label: plain('l'), element });
export const button = { type: 'button', action_id: 'a', text: plain('b') };
export const option = (i: number): object => ({ text: plain('o'), value: String(i) });
export const select = { type: 'static_select', action_id: 's', options: [option(0)] };
export const cells = (length: number): object => ({ type: 'raw_text', text: x(length) });

/** Where, what is wrong one above the limit, and a message (or modal) of a given size. */
export type Limit = [pointer: string, says: string, limit: number, make: (size: number) => unknown];
export const characters = (pointer: string, limit: number, make: (size: number) => unknown): Limit => [
  pointer,
  `must be less than ${limit + 1} characters`,
  limit,
  make,
];
export const items = (pointer: string, limit: number, make: (size: number) => unknown): Limit => [
  pointer,
  `no more than ${limit} items allowed`,
  limit,
  make,
];
