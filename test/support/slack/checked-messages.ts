import { expect } from 'vitest';
import type { SlackBody } from '../../../adapters/slack/body.js';
import { detailView } from '../../../adapters/slack/detail-views.js';
import { slackMessages } from '../../../adapters/slack/messages.js';
import type { Thread } from '../../../src/domain/card.js';
import type { ChatMessage } from '../../../src/domain/chat.js';
import { allText, longestText, readings } from './rendering.js';
import { validateMessage } from './validate/message.js';
import { validateView } from './validate/view.js';

/** Threads as Slack takes them: what is returned was found to be within the limits, and read as letters only. */

const PLACE = { channel: 'C0123', notify: 'S0123' };
const CALL = '<!subteam^S0123>';

/** Both calls take both forms of every message. */
function faultsOf(messages: readonly ChatMessage<SlackBody>[]): unknown[] {
  return messages.flatMap(({ key, body, plain }) =>
    [body, plain].flatMap((form) =>
      (['chat.postMessage', 'chat.update'] as const).flatMap((method) => {
        const refusal = validateMessage({ method, ...form });
        return refusal === undefined ? [] : [{ key, method, refusal }];
      }),
    ),
  );
}

export function checked(thread: Thread): ChatMessage<SlackBody>[] {
  const messages = slackMessages(thread, PLACE);
  expect(faultsOf(messages)).toEqual([]);
  expect(messages.flatMap((one) => readings([one.body, one.plain], CALL))).toEqual([]);
  expect(longestText(messages.map(({ body }) => body.blocks))).toBeLessThanOrEqual(3000);
  expect(new Set(messages.map(({ key }) => key)).size).toBe(messages.length);
  return messages;
}

/** Every page of a detail, checked, as one text. */
export function wholeDetail(
  thread: Thread,
  detail: 'trace' | 'evidence' | 'all',
  card?: string,
  observations?: Map<string, string>,
): string {
  const texts: string[] = [];
  for (let page = 0, pages = 1; page < pages; page += 1) {
    const view = detailView({
      thread,
      detail,
      page,
      ...(card === undefined ? {} : { card }),
      ...(observations && { observations }),
    });
    expect(validateView(view)).toBeUndefined();
    expect(readings(view)).toEqual([]);
    expect(longestText(view)).toBeLessThanOrEqual(3000);
    pages = Number(/of (\d+)$/.exec(view.title.text)?.[1] ?? 1);
    texts.push(allText(view.blocks));
  }
  return texts.join('\n');
}
