import { describe, expect, it } from 'vitest';
import {
  actions,
  button,
  cells,
  characters,
  input,
  items,
  type Limit,
  many,
  modal,
  option,
  post,
  select,
  x,
} from '../support/slack/try-payload.js';
import { BLOCKS, ELEMENTS, plain } from '../support/slack/valid-blocks.js';

/** Limits of elements and of the rarer blocks, each at it and one above it. */

const ids = (count: number): string[] => many(count, (index) => `U${1000 + index}`);
const address = (length: number): string => `https://e.com/${x(length - 14)}`;
const choices = (part: object): object => actions({ type: 'radio_buttons', options: [{ ...option(0), ...part }] });
const overflow = (part: object): object => actions({ type: 'overflow', options: [{ ...option(0), ...part }] });
const icon = (part: object): object => ({
  type: 'context_actions',
  elements: [{ type: 'icon_button', icon: 'trash', text: plain('d'), ...part }],
});
const opinion = (part: object): object => ({
  type: 'context_actions',
  elements: [{ ...ELEMENTS.feedback_buttons, positive_button: { text: plain('g'), value: 'v', ...part } }],
});
const workflow = (part: object): object => actions({ ...ELEMENTS.workflow_button, ...part });
const parameters = (list: object[]): object =>
  workflow({ workflow: { trigger: { url: 'https://e.com/t', customizable_input_parameters: list } } });
const PARAMETERS = '/elements/0/workflow/trigger/customizable_input_parameters';
const image = (part: object): object => ({ type: 'context', elements: [{ ...ELEMENTS.image, ...part }] });
const slackFile = (file: object): object => ({ type: 'image', alt_text: 'a', slack_file: file });
const below = (pointer: string, most: number, make: (size: number) => unknown): Limit => [
  pointer,
  `must be less than ${most + 1}`,
  most,
  make,
];

const LIMITS: Limit[] = [
  characters('/elements/0/text', 3000, (n) => ({ type: 'context', elements: [plain(x(n))] })),
  characters('/elements/0/text', 3000, (n) => ({ type: 'context', elements: [{ type: 'mrkdwn', text: x(n) }] })),
  characters('/elements/0/alt_text', 2000, (n) => image({ alt_text: x(n) })),
  characters('/slack_file/id', 255, (n) => slackFile({ id: x(n) })),
  characters('/slack_file/url', 3000, (n) => slackFile({ url: address(n) })),
  characters('/external_id', 255, (n) => ({ ...BLOCKS.file, external_id: x(n) })),
  characters('/task_id', 255, (n) => ({ ...BLOCKS.task_card, task_id: x(n) })),
  characters('/subtitle/text', 150, (n) => ({ ...BLOCKS.container, subtitle: plain(x(n)) })),
  characters('/video_url', 3000, (n) => ({ ...BLOCKS.video, video_url: address(n) })),
  characters('/alt_text', 2000, (n) => ({ ...BLOCKS.video, alt_text: x(n) })),
  characters('/provider_name', 49, (n) => ({ ...BLOCKS.video, provider_name: x(n) })),
  characters('/description/text', 199, (n) => ({ ...BLOCKS.video, description: plain(x(n)) })),
  characters('/caption', 2000, (n) => ({ ...BLOCKS.data_table, caption: x(n) })),
  below('/row_header_column_index', 19, (n) => ({ ...BLOCKS.data_table, row_header_column_index: n })),
  characters('/elements/0/options/0/text/text', 75, (n) => choices({ text: plain(x(n)) })),
  characters('/elements/0/options/0/description/text', 75, (n) => choices({ description: plain(x(n)) })),
  characters('/elements/0/options/0/text/text', 75, (n) => overflow({ text: plain(x(n)) })),
  characters('/elements/0/options/0/description/text', 75, (n) => overflow({ description: plain(x(n)) })),
  characters('/elements/0/options/0/url', 3000, (n) => overflow({ url: address(n) })),
  characters('/elements/0/placeholder/text', 150, (n) => actions({ type: 'datepicker', placeholder: plain(x(n)) })),
  characters('/elements/0/timezone', 100, (n) => actions({ type: 'timepicker', timezone: x(n) })),
  below('/elements/0/initial_date_time', 9_999_999_999, (n) =>
    actions({ type: 'datetimepicker', initial_date_time: n }),
  ),
  characters('/element/initial_value', 3000, (n) => input({ type: 'plain_text_input', initial_value: x(n) })),
  below('/element/min_lines', 100, (n) => input({ type: 'rich_text_input', min_lines: n })),
  below('/elements/0/min_query_length', 1000, (n) => actions({ type: 'external_select', min_query_length: n })),
  below('/elements/0/max_selected_items', 10_000, (n) =>
    actions({ ...ELEMENTS.multi_users_select, max_selected_items: n }),
  ),
  items('/elements/0/initial_users', 100, (n) => actions({ type: 'multi_users_select', initial_users: ids(n) })),
  items('/elements/0/initial_conversations', 100, (n) =>
    actions({ type: 'multi_conversations_select', initial_conversations: ids(n) }),
  ),
  items('/elements/0/initial_channels', 100, (n) =>
    actions({ type: 'multi_channels_select', initial_channels: ids(n) }),
  ),
  items('/elements/0/initial_options', 100, (n) =>
    actions({ ...select, type: 'multi_static_select', initial_options: many(n, () => option(0)) }),
  ),
  items('/elements/0/initial_options', 10, (n) =>
    actions({ type: 'checkboxes', options: [option(0)], initial_options: many(n, () => option(0)) }),
  ),
  items('/elements/0/filter/include', 4, (n) =>
    actions({ type: 'conversations_select', filter: { include: many(n, () => 'im') } }),
  ),
  items('/element/dispatch_action_config/trigger_actions_on', 2, (n) =>
    input({
      type: 'plain_text_input',
      dispatch_action_config: { trigger_actions_on: many(n, () => 'on_enter_pressed') },
    }),
  ),
  characters('/elements/0/text/text', 75, (n) => workflow({ text: plain(x(n)) })),
  characters('/elements/0/accessibility_label', 75, (n) => workflow({ accessibility_label: x(n) })),
  items(PARAMETERS, 100, (n) => parameters(many(n, () => ({ name: 'n', value: 'v' })))),
  characters(`${PARAMETERS}/0/name`, 255, (n) => parameters([{ name: x(n), value: 'v' }])),
  characters(`${PARAMETERS}/0/value`, 3000, (n) => parameters([{ name: 'n', value: x(n) }])),
  characters('/elements/0/icon', 50, (n) => icon({ icon: x(n) })),
  characters('/elements/0/text/text', 75, (n) => icon({ text: plain(x(n)) })),
  characters('/elements/0/accessibility_label', 75, (n) => icon({ accessibility_label: x(n) })),
  characters('/elements/0/value', 2000, (n) => icon({ value: x(n) })),
  items('/elements/0/visible_to_user_ids', 100, (n) => icon({ visible_to_user_ids: ids(n) })),
  characters('/elements/0/positive_button/text/text', 75, (n) => opinion({ text: plain(x(n)) })),
  characters('/elements/0/positive_button/value', 2000, (n) => opinion({ value: x(n) })),
  characters('/elements/0/positive_button/accessibility_label', 75, (n) => opinion({ accessibility_label: x(n) })),
];

const RICH = '/elements/0/elements/0';
const rich = (element: object): object => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [element] }],
});
const list = (part: object): object => ({
  type: 'rich_text',
  elements: [
    {
      type: 'rich_text_list',
      style: 'bullet',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 't' }] }],
      ...part,
    },
  ],
});
const RICH_LIMITS: Limit[] = [
  below('/elements/0/indent', 8, (n) => list({ indent: n })),
  below('/elements/0/offset', 100_000, (n) => list({ offset: n })),
  characters(`${RICH}/url`, 3000, (n) => rich({ type: 'link', url: address(n), text: 'run' })),
  characters(`${RICH}/name`, 100, (n) => rich({ type: 'emoji', name: x(n) })),
  characters(`${RICH}/user_id`, 30, (n) => rich({ type: 'user', user_id: `U${'0'.repeat(n - 1)}` })),
];

describe('at a limit an element passes, one above it is refused with its place', () => {
  const all = [...LIMITS, ...RICH_LIMITS].map((limit) => [`${limit[0]} ${limit[2]}`, limit] as const);
  it.each(all)('%s', (_, [pointer, says, limit, make]) => {
    expect(post([make(limit)])).toBeUndefined();
    const refusal = post([{ type: 'divider' }, make(limit + 1)]);
    expect(refusal?.error).toBe('invalid_blocks');
    expect(refusal?.messages).toContain(`[ERROR] ${says} [json-pointer:/blocks/1${pointer}]`);
  });

  it('a file input, which only modals have', () => {
    const asks = (part: object): object => input({ type: 'file_input', ...part });
    expect(modal([asks({ max_files: 10, filetypes: many(100, () => x(20)) })])).toBeUndefined();
    expect(modal([asks({ max_files: 11 })])?.messages).toEqual([
      '[ERROR] must be less than 11 [json-pointer:/view/blocks/0/element/max_files]',
    ]);
    expect(modal([asks({ filetypes: many(101, () => 'csv') })])?.error).toBe('invalid_arguments');
    expect(modal([asks({ filetypes: [x(21)] })])?.error).toBe('invalid_arguments');
  });

  it('the blocks of an attachment', () => {
    const attached = (count: number): object => ({
      attachments: [{ blocks: many(count, () => ({ type: 'divider' })) }],
    });
    expect(post(undefined, attached(50))).toBeUndefined();
    expect(post(undefined, attached(51))?.messages).toEqual([
      '[ERROR] no more than 50 items allowed [json-pointer:/attachments/0/blocks]',
    ]);
  });

  it('a data table of 20,000 characters, which the limit over all blocks refuses first', () => {
    const table = (length: number): object => ({
      type: 'data_table',
      caption: 'c',
      rows: [[cells(10_000)], [cells(length)]],
    });
    expect(post([table(10_000)])).toEqual({ error: 'msg_blocks_too_long', messages: [] });
    expect(post([table(10_001)])?.messages).toEqual([
      '[ERROR] must be less than 20001 characters in all cells [json-pointer:/blocks/0/rows]',
    ]);
  });

  it('the smallest: a time of nine digits, no days chosen from no options, a page of nothing', () => {
    expect(post([actions({ type: 'datetimepicker', initial_date_time: 999_999_999 })])?.error).toBe('invalid_blocks');
    expect(post([actions({ ...button, text: plain('') })])?.error).toBe('invalid_blocks');
    expect(post([{ ...BLOCKS.data_table, page_size: 0 }])?.error).toBe('invalid_blocks');
  });
});
