import type { Action, Card, Tone } from '../../src/domain/card.js';
import { actionData, type Carried, dialogData } from './action-data.js';
import type {
  AdaptiveCardJson,
  CardAction,
  CardElement,
  ContainerStyle,
  ExecuteAction,
  Mention,
  SubmitAction,
  TeamsDialog,
} from './body.js';
import { bytesOf, clipped, inert, row, run, toneIcon } from './text.js';

/**
 * Bytes of JSON that a card may come to. Teams is known to take 28 KB of any message; the rest is left to the activity around it and
 * to the id of the delivery, which is written into every action.
 */
export const CARD_ROOM = 24_000;
const SUMMARY = 400;
const TITLE = 400;
const BUTTON = 75;

export interface Frame {
  /** For notifications, and for clients that show no cards. */
  summary: string;
  body: CardElement[];
  actions?: CardAction[];
  entities?: Mention[];
}

export function cardOf({ summary, body, actions = [], entities = [] }: Frame): AdaptiveCardJson {
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    fallbackText: notice(summary),
    body: body.length > 0 ? body : [row(run('Nothing more is asked.'))],
    ...(actions.length === 0 ? {} : { actions }),
    msteams: { width: 'Full', ...(entities.length === 0 ? {} : { entities }) },
  };
}

/** What is left of a card's room beside these. */
export function roomBeside(elements: readonly CardElement[], actions: readonly CardAction[] = []): number {
  return CARD_ROOM - bytesOf(elements) - bytesOf(actions) - SUMMARY - 200;
}

/** What a notification shows. Teams does not say how it reads it: nothing in it is a link or a tag in any reading. */
export function notice(text: string): string {
  const letters = inert(clipped(text.replaceAll('\n', ' '), SUMMARY));
  return letters.replaceAll('](', ']\u200b(').replace(/<(?=[a-z/!])/gi, '<\u200b');
}

const GROUNDS: Record<Tone, ContainerStyle> = {
  neutral: 'emphasis',
  working: 'accent',
  waiting: 'warning',
  good: 'good',
  bad: 'attention',
};

export function titleElement({ title, tone }: Pick<Card, 'title' | 'tone'>): CardElement {
  const text = `${toneIcon(tone)}${clipped(title, TITLE).replaceAll('\n', ' ')}`;
  return {
    type: 'Container',
    style: GROUNDS[tone],
    bleed: true,
    items: [row(run(text, { weight: 'Bolder', size: 'Medium' }))],
  };
}

/** A button of a message. */
export function execute(title: string, carried: Carried, style?: Action['style']): ExecuteAction {
  return {
    type: 'Action.Execute',
    title: label(title),
    verb: carried.verb,
    data: actionData(carried),
    ...looks(style),
  };
}

/** A button of a dialog. */
export function submit(title: string, carried: Carried, style?: Action['style']): SubmitAction {
  return { type: 'Action.Submit', title: label(title), data: actionData(carried), ...looks(style) };
}

/** A button of a message that opens a dialog. */
export function openDialog(title: string, carried: Carried): SubmitAction {
  return { type: 'Action.Submit', title: label(title), data: dialogData(carried), associatedInputs: 'none' };
}

function looks(style: Action['style'] = 'plain'): { style?: 'positive' | 'destructive' } {
  return style === 'plain' ? {} : { style: style === 'primary' ? 'positive' : 'destructive' };
}

function label(title: string): string {
  return inert(clipped(title, BUTTON)) || '-';
}

/** Wide enough for a change of a long line; Teams makes it narrower where the screen is. */
const DIALOG = { height: 600, width: 720 } as const;
const DIALOG_TITLE = 60;

export function dialogOf(title: string, card: AdaptiveCardJson): TeamsDialog {
  return { title: clipped(title, DIALOG_TITLE) || '-', ...DIALOG, card };
}
