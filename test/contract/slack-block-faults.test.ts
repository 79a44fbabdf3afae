import { describe, expect, it } from 'vitest';
import { actions, button, cells, input, option, post, section, select, x } from '../support/slack/try-payload.js';
import { BLOCKS, plain, richText } from '../support/slack/valid-blocks.js';

/** What is wrong with a block beside its size, in Slack's words and with its place. */

const WRONG: [name: string, block: unknown, message: string][] = [
  ['a block that nobody knows', { type: 'accordion' }, 'unsupported type: accordion [json-pointer:/blocks/0/type]'],
  ['a block without a type', { text: plain('t') }, 'missing required field: type [json-pointer:/blocks/0]'],
  ['a block that is no object', 'section', 'must provide an object [json-pointer:/blocks/0]'],
  ['a section of nothing', { type: 'section' }, 'must define either `text` or `fields` [json-pointer:/blocks/0/type]'],
  ['an empty text', section(''), 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
  [
    'a header in mrkdwn',
    { type: 'header', text: { type: 'mrkdwn', text: 'h' } },
    'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
  ],
  [
    'an unknown field of a block',
    { type: 'divider', colour: 'red' },
    'invalid additional property: colour [json-pointer:/blocks/0]',
  ],
  [
    'emoji in mrkdwn',
    { type: 'section', text: { type: 'mrkdwn', text: 't', emoji: true } },
    'invalid additional property: emoji [json-pointer:/blocks/0/text]',
  ],
  [
    'a block_id on a button',
    actions({ ...button, block_id: 'b' }),
    'invalid additional property: block_id [json-pointer:/blocks/0/elements/0]',
  ],
  [
    'a button without a text',
    actions({ type: 'button' }),
    'missing required field: text [json-pointer:/blocks/0/elements/0]',
  ],
  [
    'a style that is none',
    actions({ ...button, style: 'default' }),
    'must be a valid enum value [json-pointer:/blocks/0/elements/0/style]',
  ],
  [
    'an address that is none',
    actions({ ...button, url: 'run/1' }),
    'must be a valid URL [json-pointer:/blocks/0/elements/0/url]',
  ],
  [
    'an address that runs code',
    actions({ ...button, url: 'javascript:1' }),
    'must be a valid URL [json-pointer:/blocks/0/elements/0/url]',
  ],
  [
    'a text input outside an input block',
    actions({ type: 'plain_text_input' }),
    'unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]',
  ],
  ['a button in an input block', input(button), 'unsupported type: button [json-pointer:/blocks/0/element/type]'],
  [
    'a file input in a message',
    input({ type: 'file_input' }),
    'unsupported type: file_input [json-pointer:/blocks/0/element/type]',
  ],
  [
    'one action_id twice in a block',
    { type: 'actions', elements: [button, button] },
    '`action_id` must be unique within a block [json-pointer:/blocks/0/elements/1/action_id]',
  ],
  [
    'a menu without options',
    actions({ type: 'static_select' }),
    'must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]',
  ],
  [
    'a first choice that is not among the options',
    actions({ ...select, initial_option: option(7) }),
    'must be one of the options [json-pointer:/blocks/0/elements/0/initial_option]',
  ],
  [
    'no elements at all',
    { type: 'actions', elements: [] },
    'must provide at least 1 items [json-pointer:/blocks/0/elements]',
  ],
  [
    'an image from nowhere',
    { type: 'image', alt_text: 'a' },
    'must define either `image_url` or `slack_file` [json-pointer:/blocks/0]',
  ],
  [
    'an image without words',
    { type: 'image', image_url: 'https://e.com/i.png' },
    'missing required field: alt_text [json-pointer:/blocks/0]',
  ],
  [
    'a task that is completed instead of complete',
    { ...BLOCKS.task_card, status: 'completed' },
    'must be a valid enum value [json-pointer:/blocks/0/status]',
  ],
  [
    'a task with an empty output',
    { type: 'plan', title: 'p', tasks: [{ ...BLOCKS.task_card, output: richText('') }] },
    'must be more than 0 characters [json-pointer:/blocks/0/tasks/0/output/elements/0/elements/0/text]',
  ],
  ['a plan without a title', { type: 'plan', tasks: [] }, 'missing required field: title [json-pointer:/blocks/0]'],
  [
    'a task twice in a plan',
    { type: 'plan', title: 'p', tasks: [BLOCKS.task_card, BLOCKS.task_card] },
    '`task_id` must be unique within a plan [json-pointer:/blocks/0/tasks/1/task_id]',
  ],
  [
    'a section in a plan',
    { type: 'plan', title: 'p', tasks: [section('t')] },
    'unsupported type: section [json-pointer:/blocks/0/tasks/0/type]',
  ],
  [
    'an empty text in rich text',
    richText('full', ''),
    'must be more than 0 characters [json-pointer:/blocks/0/elements/1/elements/0/text]',
  ],
  [
    'a style that rich text does not have',
    {
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 't', style: { big: true } }] }],
    },
    'invalid additional property: big [json-pointer:/blocks/0/elements/0/elements/0/style]',
  ],
  [
    'a mention of nobody',
    { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'user', user_id: 'ana' }] }] },
    'must match pattern: ^[UW][A-Z0-9]+$ [json-pointer:/blocks/0/elements/0/elements/0/user_id]',
  ],
  [
    'a list in a list',
    {
      type: 'rich_text',
      elements: [
        {
          type: 'rich_text_list',
          style: 'bullet',
          elements: [{ type: 'rich_text_list', style: 'bullet', elements: [] }],
        },
      ],
    },
    'unsupported type: rich_text_list [json-pointer:/blocks/0/elements/0/elements/0/type]',
  ],
  [
    'an empty cell',
    { type: 'table', rows: [[cells(0)]] },
    'must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]',
  ],
  [
    'a cell of plain text',
    { type: 'table', rows: [[plain('p')]] },
    'unsupported type: plain_text [json-pointer:/blocks/0/rows/0/0/type]',
  ],
  [
    'a data table of a head alone',
    { type: 'data_table', caption: 'c', rows: [[cells(1)]] },
    'must provide at least 2 items [json-pointer:/blocks/0/rows]',
  ],
  [
    'a card of nothing',
    { type: 'card' },
    'must define at least one of `hero_image`, `title`, `actions`, `body` [json-pointer:/blocks/0]',
  ],
  [
    'a plan in a container',
    { ...BLOCKS.container, child_blocks: [BLOCKS.plan] },
    'unsupported type: plan [json-pointer:/blocks/0/child_blocks/0/type]',
  ],
  [
    'limits the wrong way round',
    input({ type: 'plain_text_input', min_length: 9, max_length: 8 }),
    'must not be greater than `max_length` [json-pointer:/blocks/0/element/min_length]',
  ],
  [
    'a number that is none',
    input({ type: 'number_input', is_decimal_allowed: false, initial_value: 'many' }),
    'must match pattern: ^-?\\d+(\\.\\d+)?$ [json-pointer:/blocks/0/element/initial_value]',
  ],
  [
    'a time that is none',
    actions({ type: 'timepicker', initial_time: '24:00' }),
    'must match pattern: ^([01]\\d|2[0-3]):[0-5]\\d$ [json-pointer:/blocks/0/elements/0/initial_time]',
  ],
];

describe('what is wrong is named with its place', () => {
  it.each(WRONG)('%s', (_, block, message) => {
    const refusal = post([block]);
    expect(refusal?.error).toBe('invalid_blocks');
    expect(refusal?.messages).toContain(`[ERROR] ${message}`);
  });

  it('all faults of a message are told at once', () => {
    expect(post([section(''), { type: 'header', text: plain(x(151)) }])?.messages).toEqual([
      '[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]',
      '[ERROR] must be more than 0 characters [json-pointer:/blocks/0/text/text]',
      '[ERROR] must be less than 151 characters [json-pointer:/blocks/1/text/text]',
    ]);
  });
});
