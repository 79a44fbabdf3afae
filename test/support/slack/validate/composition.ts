import type { ConfirmationDialog, MrkdwnElement, PlainTextElement } from '@slack/types';
import { below, type Checking, fault, isObject, type Rule } from './fault.js';
import { anyOf, byType, type FieldsOf, flag, list, may, need, object, oneOf, text, typed, url } from './rules.js';

/** Texts, options, confirmation dialogs: what blocks and elements are made of. */

const plain = (max: number): Rule =>
  typed<PlainTextElement>('plain_text', { text: need(text(1, max)), emoji: may(flag) });
const mrkdwn = (max: number): Rule => typed<MrkdwnElement>('mrkdwn', { text: need(text(1, max)), verbatim: may(flag) });

/** A text object that may only be plain. */
export const plainText = (max: number): Rule => byType({ plain_text: plain(max) });
/** Plain text or mrkdwn. */
export const textObject = (max: number): Rule => anyOf(byType({ plain_text: plain(max), mrkdwn: mrkdwn(max) }));

export const actionId = text(1, 255);
export const blockId = text(1, 255);
export const buttonStyle = oneOf('primary', 'danger');
export const buttonUrl = url(3000, ['https:', 'http:', 'mailto:', 'slack:']);

export const confirm: Rule = object({
  title: may(plainText(100)),
  text: need(textObject(300)),
  confirm: may(plainText(30)),
  deny: may(plainText(30)),
  style: may(buttonStyle),
} satisfies FieldsOf<ConfirmationDialog>);

const optionFields = (label: Rule, description: Rule) => ({
  text: need(label),
  value: need(text(1, 150)),
  description: may(description),
});
/** Of menus: plain text only. */
export const menuOption: Rule = object(optionFields(plainText(75), plainText(75)));
/** Of checkboxes and radio buttons. */
export const choiceOption: Rule = object(optionFields(textObject(75), textObject(75)));
/** Of an overflow menu, the only place where an option may lead to an address. */
export const overflowOption: Rule = object({ ...optionFields(plainText(75), plainText(75)), url: may(url(3000)) });
export const optionGroup: Rule = object({ label: need(plainText(75)), options: need(list(menuOption, 1, 100)) });

export const dispatchConfig: Rule = object({
  trigger_actions_on: may(list(oneOf('on_enter_pressed', 'on_character_entered'), 1, 2)),
});

const slackFile: Rule = (value, at, checking) => {
  object({ id: may(text(1, 255)), url: may(url(3000)) })(value, at, checking);
  if (isObject(value) && (value['id'] === undefined) === (value['url'] === undefined))
    fault(checking, at, 'must define either `id` or `url`');
};

/** An image comes from an address or from a file in Slack, never from both. */
export const imageSource = { image_url: may(url(3000)), slack_file: may(slackFile) };
export function oneImageSource(value: Record<string, unknown>, at: string, checking: Checking): void {
  if ((value['image_url'] === undefined) === (value['slack_file'] === undefined))
    fault(checking, at, 'must define either `image_url` or `slack_file`');
}

/** What is chosen at first must be one of the options, exactly. */
export function initialIsOption(value: Record<string, unknown>, at: string, checking: Checking): void {
  const groups = Array.isArray(value['option_groups']) ? value['option_groups'].filter(isObject) : [];
  const lists = [value['options'], ...groups.map((group) => group['options'])];
  const known = new Set(lists.flatMap((one) => (Array.isArray(one) ? one : [])).map((one) => JSON.stringify(one)));
  const single = value['initial_option'];
  if (single !== undefined && !known.has(JSON.stringify(single)))
    fault(checking, below(at, 'initial_option'), 'must be one of the options');
  const several = value['initial_options'];
  if (!Array.isArray(several)) return;
  for (const [index, one] of several.entries())
    if (!known.has(JSON.stringify(one)))
      fault(checking, below(below(at, 'initial_options'), index), 'must be one of the options');
}

/** A menu has options or groups of them, never both, never neither. */
export function optionsOrGroups(value: Record<string, unknown>, at: string, checking: Checking): void {
  if ((value['options'] === undefined) === (value['option_groups'] === undefined))
    fault(checking, at, 'must define either `options` or `option_groups`');
  initialIsOption(value, at, checking);
}
