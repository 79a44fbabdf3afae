import { expect } from 'vitest';
import type { AdaptiveCardJson, CardElement, TeamsBody, TeamsDialog } from '../../../adapters/teams/body.js';
import { type DetailArgs, detailCard, detailDialog } from '../../../adapters/teams/detail-cards.js';
import { teamsMessages } from '../../../adapters/teams/messages.js';
import { activityOf } from '../../../adapters/teams/platform.js';
import type { Thread } from '../../../src/domain/card.js';
import type { ChatMessage } from '../../../src/domain/chat.js';
import { asObject } from './core.js';
import { cardLines, readings } from './rendering.js';
import { faultsOf, partsOf } from './valid-card.js';

/** Threads as Teams takes them: what is returned was found to be within the limits, and read as letters only. */

export const PLACE = { channel: '19:abc@thread.tacv2', notify: 'on-call@example.com' };
/** As a delivery that was posted anew has. */
const DELIVERY = `inc-${'0'.repeat(60)}/card-proposal-1~2`;
/** Of the whole activity, with what Teams wants to know beside the message. */
export const ACTIVITY_MOST = 28 * 1024;
const ENVELOPE = 700;

export function checked(thread: Thread): ChatMessage<TeamsBody>[] {
  const messages = teamsMessages(thread, PLACE);
  for (const { key, body, plain } of messages) {
    checkBody(key, body);
    checkBody(key, plain);
  }
  expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);
  return messages;
}

export function checkBody(key: string, body: TeamsBody): void {
  const activity = activityOf(body, DELIVERY);
  expect(Buffer.byteLength(JSON.stringify(activity)) + ENVELOPE, key).toBeLessThanOrEqual(ACTIVITY_MOST);
  const found = readings(activity as Parameters<typeof readings>[0]);
  // The one call for somebody is ours.
  for (const ours of ['mention', '<at>', '</at>']) if (found.includes(ours)) found.splice(found.indexOf(ours), 1);
  expect(found, key).toEqual([]);
  if (body.card !== undefined) checkCard(key, body.card, 'message');
}

export function checkCard(key: string, card: AdaptiveCardJson, where: 'message' | 'dialog'): void {
  expect(faultsOf(card, where), key).toEqual([]);
  const ids = inputIds(card);
  expect(new Set(ids).size, key).toBe(ids.length);
  expect(Buffer.byteLength(JSON.stringify(card)), key).toBeLessThanOrEqual(ACTIVITY_MOST - 2500);
  expect(datesIn(card), key).toEqual([]);
}

export function checkDialog(dialog: TeamsDialog): void {
  expect(dialog.title).not.toBe('');
  checkCard(dialog.title, dialog.card, 'dialog');
}

function inputIds(card: AdaptiveCardJson): unknown[] {
  return partsOf(asObject(card) ?? {}).flatMap((part) =>
    String(part['type']).startsWith('Input.') || part['isVisible'] === false ? [part['id']] : [],
  );
}

/** Dates that a client would work out within somebody's words. */
function datesIn(card: AdaptiveCardJson): string[] {
  const inBoxes = (elements: readonly CardElement[], boxed: boolean): string[] =>
    elements.flatMap((one) => {
      if (one.type === 'Container') return inBoxes(one.items, boxed || one.style === 'emphasis');
      return boxed && one.type === 'RichTextBlock'
        ? one.inlines.flatMap(({ text }) => text.match(/\{\{\s*(?:DATE|TIME)/gi) ?? [])
        : [];
    });
  return inBoxes(card.body, false);
}

/** As a person in UTC reads it. */
export function linesOf(card: AdaptiveCardJson | undefined): string[] {
  const lines = cardLines(card).flatMap((text) => text.split('\n'));
  return lines.map((text) => text.replaceAll(/ \(\S+ your time\)/g, '').replaceAll('\u00a0', ' '));
}

/** Every page of a detail, checked in the message and in a dialog, as one text. */
export function wholeDetail(args: Omit<DetailArgs, 'page'>): string {
  const texts: string[] = [];
  for (let page = 0, pages = 1; page < pages; page += 1) {
    const dialog = detailDialog({ ...args, page });
    checkDialog(dialog);
    const card = detailCard({ ...args, page });
    checkCard(dialog.title, card, 'message');
    pages = Number(/of (\d+)$/.exec(dialog.title)?.[1] ?? 1);
    texts.push(linesOf(card).join('\n'));
  }
  return texts.join('\n');
}
