import { ACTION } from '../../adapters/slack/action-ids.js';
import type { Verdict } from '../../src/domain/decision.js';
import { asLines, readings } from '../support/slack/rendering.js';
import type { SlackMessage, SlackView } from '../support/slack/types.js';
import type { Seen, SeenCard } from './chat.js';

/** What stands in the simulated Slack, as a person there reads it. */

export const BOT = 'U0BOT00001';
export const BUTTON: Record<Verdict, string> = {
  approve: ACTION.approve,
  modify: ACTION.modify,
  reject: ACTION.reject,
};

/** Of a card: where it stands, and how it looked when it was seen. */
export interface Handle {
  ts: string;
  snapshot: SlackMessage;
}

/** As it reads, without the marks that the rendering puts before boxes and bullets. */
function linesText(blocks: readonly unknown[]): string {
  return asLines(blocks)
    .map((line) => line.replace(/^\s*[┃▒•] ?/, ''))
    .join('\n');
}

export function textOf(message: SlackMessage): string {
  return message.blocks === undefined || message.blocks.length === 0 ? message.text : linesText(message.blocks);
}

export function viewText(view: SlackView): string {
  return linesText(view.blocks);
}

interface Button {
  action: string;
  label: string;
  block: string | undefined;
}

export function buttons(blocks: readonly unknown[]): Button[] {
  return (blocks as Record<string, unknown>[]).flatMap((block) =>
    block['type'] !== 'actions'
      ? []
      : (block['elements'] as Record<string, unknown>[]).map((element) => ({
          action: String(element['action_id']),
          label: String((element['text'] as { text?: string } | undefined)?.text ?? ''),
          block: block['block_id'] as string | undefined,
        })),
  );
}

function cardIn(incident: string, message: SlackMessage): SeenCard {
  const text = textOf(message);
  const pressed = new Set(buttons(message.blocks ?? []).map(({ action }) => action));
  const actions = (Object.keys(BUTTON) as Verdict[]).filter((verdict) => pressed.has(BUTTON[verdict]));
  const handle: Handle = { ts: message.ts, snapshot: structuredClone(message) };
  return { incident, title: text.split('\n').find((line) => line.trim() !== '') ?? '', text, actions, handle };
}

export function seenIn(incident: string, messages: Map<string, SlackMessage>, channel: readonly SlackMessage[]): Seen {
  const root = messages.get('headline');
  const of = (prefix: string): SlackMessage[] =>
    [...messages].flatMap(([key, one]) => (key.startsWith(prefix) ? [one] : []));
  const byTime = (all: SlackMessage[]): SlackMessage[] => [...all].sort((a, b) => a.ts.localeCompare(b.ts));
  const thread = byTime(channel.filter(({ ts, thread_ts }) => ts === root?.ts || thread_ts === root?.ts));
  const people = thread.filter(({ user, ts }) => user !== BOT && ts !== root?.ts);
  const tops = channel.filter(({ ts, thread_ts }) => thread_ts === undefined || thread_ts === ts);
  return {
    headline: root === undefined ? '' : textOf(root),
    headlines: tops.filter(({ metadata }) => JSON.stringify(metadata ?? {}).includes(incident)).length,
    cards: byTime(of('card-')).map((one) => cardIn(incident, one)),
    trace: byTime(of('trace-')).map(textOf).join('\n'),
    notes: byTime([...of('note-'), ...people]).map(textOf),
    questions: byTime(of('question-')).map(textOf),
    text: thread.map(textOf).join('\n'),
    alive: [...messages.values()].flatMap(({ blocks, text }) => readings({ blocks, text })),
  };
}
