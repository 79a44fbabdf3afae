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
  section,
  select,
  x,
} from '../support/slack/try-payload.js';
import { BLOCKS, ELEMENTS, plain, richText } from '../support/slack/valid-blocks.js';

/** The simulator's judgement of blocks: one good payload of each kind passes, and each limit is tried at it and one above it. */

const MODAL_ONLY = new Set(['alert']);
const INPUT_ONLY = /_text_input$|_input$/;

describe('one good payload of each kind passes', () => {
  it.each(Object.entries(BLOCKS))('block %s', (type, block) => {
    expect(MODAL_ONLY.has(type) ? modal([block]) : post([block])).toBeUndefined();
  });

  it.each(Object.entries(ELEMENTS))('element %s', (type, element) => {
    const contextual = type === 'feedback_buttons' || type === 'icon_button';
    const block = INPUT_ONLY.test(type)
      ? { type: 'input', label: plain('Label'), element }
      : type === 'image'
        ? { type: 'section', text: plain('text'), accessory: element }
        : { type: contextual ? 'context_actions' : 'actions', elements: [element] };
    expect(type === 'file_input' ? modal([block]) : post([block])).toBeUndefined();
  });
});

const withConfirm = (part: object): object => actions({ ...button, confirm: { text: plain('t'), ...part } });

const LIMITS: Limit[] = [
  characters('/text/text', 3000, (n) => section(x(n))),
  characters('/fields/0/text', 2000, (n) => ({ type: 'section', fields: [plain(x(n))] })),
  items('/fields', 10, (n) => ({ type: 'section', fields: many(n, () => plain('f')) })),
  characters('/block_id', 255, (n) => ({ type: 'divider', block_id: x(n) })),
  characters('/text/text', 150, (n) => ({ type: 'header', text: plain(x(n)) })),
  items('/elements', 10, (n) => ({ type: 'context', elements: many(n, () => plain('c')) })),
  items('/elements', 25, (n) => ({ type: 'actions', elements: many(n, (i) => ({ ...button, action_id: `a${i}` })) })),
  characters('/elements/0/text/text', 75, (n) => actions({ ...button, text: plain(x(n)) })),
  characters('/elements/0/value', 2000, (n) => actions({ ...button, value: x(n) })),
  characters('/elements/0/url', 3000, (n) => actions({ ...button, url: `https://e.com/${x(n - 14)}` })),
  characters('/elements/0/accessibility_label', 75, (n) => actions({ ...button, accessibility_label: x(n) })),
  characters('/elements/0/action_id', 255, (n) => actions({ ...button, action_id: x(n) })),
  characters('/elements/0/confirm/title/text', 100, (n) => withConfirm({ title: plain(x(n)) })),
  characters('/elements/0/confirm/text/text', 300, (n) => withConfirm({ text: plain(x(n)) })),
  characters('/elements/0/confirm/confirm/text', 30, (n) => withConfirm({ confirm: plain(x(n)) })),
  characters('/elements/0/confirm/deny/text', 30, (n) => withConfirm({ deny: plain(x(n)) })),
  items('/elements/0/options', 100, (n) => actions({ ...select, options: many(n, option) })),
  items('/elements/0/option_groups', 100, (n) =>
    actions({
      type: 'static_select',
      option_groups: many(n, (i) => ({ label: plain('g'), options: [option(i)] })),
    }),
  ),
  items('/elements/0/option_groups/0/options', 100, (n) =>
    actions({ type: 'static_select', option_groups: [{ label: plain('g'), options: many(n, option) }] }),
  ),
  characters('/elements/0/option_groups/0/label/text', 75, (n) =>
    actions({ type: 'static_select', option_groups: [{ label: plain(x(n)), options: [option(0)] }] }),
  ),
  characters('/elements/0/options/0/text/text', 75, (n) =>
    actions({ ...select, options: [{ text: plain(x(n)), value: '1' }] }),
  ),
  characters('/elements/0/options/0/value', 150, (n) =>
    actions({ ...select, options: [{ text: plain('o'), value: x(n) }] }),
  ),
  characters('/elements/0/options/0/description/text', 75, (n) =>
    actions({ ...select, options: [{ ...option(1), description: plain(x(n)) }] }),
  ),
  characters('/elements/0/placeholder/text', 150, (n) => actions({ ...select, placeholder: plain(x(n)) })),
  items('/elements/0/options', 5, (n) => actions({ type: 'overflow', options: many(n, option) })),
  items('/elements/0/options', 10, (n) => actions({ type: 'checkboxes', options: many(n, option) })),
  items('/elements/0/options', 10, (n) => actions({ type: 'radio_buttons', options: many(n, option) })),
  items('/elements', 5, (n) => ({
    type: 'context_actions',
    elements: many(n, (i) => ({ type: 'icon_button', action_id: `i${i}`, icon: 'trash', text: plain('d') })),
  })),
  characters('/label/text', 2000, (n) => ({ ...input({ type: 'plain_text_input' }), label: plain(x(n)) })),
  characters('/hint/text', 2000, (n) => ({ ...input({ type: 'plain_text_input' }), hint: plain(x(n)) })),
  ['/element/max_length', 'must be less than 3001', 3000, (n) => input({ type: 'plain_text_input', max_length: n })],
  ['/element/min_length', 'must be less than 3001', 3000, (n) => input({ type: 'plain_text_input', min_length: n })],
  ['/element/max_lines', 'must be less than 101', 100, (n) => input({ type: 'rich_text_input', max_lines: n })],
  characters('/alt_text', 2000, (n) => ({ type: 'image', alt_text: x(n), image_url: 'https://e.com/i.png' })),
  characters('/title/text', 2000, (n) => ({
    type: 'image',
    alt_text: 'a',
    title: plain(x(n)),
    image_url: 'https://e.com/i.png',
  })),
  characters('/image_url', 3000, (n) => ({ type: 'image', alt_text: 'a', image_url: `https://e.com/${x(n - 14)}` })),
  characters('/text', 12_000, (n) => ({ type: 'markdown', text: x(n) })),
  items('/rows', 100, (n) => ({ type: 'table', rows: many(n, () => [cells(1)]) })),
  items('/rows/0', 20, (n) => ({ type: 'table', rows: [many(n, () => cells(1))] })),
  items('/column_settings', 20, (n) => ({ type: 'table', rows: [[cells(1)]], column_settings: many(n, () => null) })),
  [
    '/rows',
    'must be less than 10001 characters in all cells',
    10_000,
    (n) => ({
      type: 'table',
      rows: [[cells(5000), cells(n - 5000)]],
    }),
  ],
  items('/rows', 101, (n) => ({ type: 'data_table', caption: 'c', rows: many(n, () => [cells(1)]) })),
  ['/page_size', 'must be less than 101', 100, (n) => ({ ...BLOCKS.data_table, page_size: n })],
  items('/elements', 10, (n) => ({
    type: 'carousel',
    elements: many(n, () => ({ type: 'card', title: plain('t') })),
  })),
  characters('/title/text', 150, (n) => ({ type: 'card', title: plain(x(n)) })),
  characters('/subtitle/text', 150, (n) => ({ type: 'card', title: plain('t'), subtitle: plain(x(n)) })),
  characters('/body/text', 200, (n) => ({ type: 'card', body: plain(x(n)) })),
  characters('/subtext/text', 200, (n) => ({ type: 'card', title: plain('t'), subtext: plain(x(n)) })),
  items('/actions', 3, (n) => ({ type: 'card', actions: many(n, (i) => ({ ...button, action_id: `a${i}` })) })),
  items('/child_blocks', 10, (n) => ({
    type: 'container',
    title: plain('t'),
    child_blocks: many(n, () => ({ type: 'divider' })),
  })),
  characters('/title/text', 150, (n) => ({ ...BLOCKS.container, title: plain(x(n)) })),
  characters('/title/text', 199, (n) => ({ ...BLOCKS.video, title: plain(x(n)) })),
  characters('/author_name', 49, (n) => ({ ...BLOCKS.video, author_name: x(n) })),
  items('/details/elements', 1, (n) => ({ ...BLOCKS.task_card, details: richText(...many(n, () => 'd')) })),
];

describe('at a limit a block passes, one above it is refused with its place', () => {
  it.each(LIMITS.map((limit) => [`${limit[0]} ${limit[2]}`, limit] as const))(
    '%s',
    (_, [pointer, says, limit, make]) => {
      expect(post([make(limit)])).toBeUndefined();
      const refusal = post([section('before'), make(limit + 1)]);
      expect(refusal?.error).toBe('invalid_blocks');
      expect(refusal?.messages).toContain(`[ERROR] ${says} [json-pointer:/blocks/1${pointer}]`);
    },
  );

  it('alert, which only modals have', () => {
    const alert = (n: number) => ({ type: 'alert', text: plain(x(n)) });
    expect(modal([alert(200)])).toBeUndefined();
    expect(modal([alert(201)])).toEqual({
      error: 'invalid_arguments',
      messages: [
        '[ERROR] failed to match all allowed schemas [json-pointer:/view/blocks/0/text]',
        '[ERROR] must be less than 201 characters [json-pointer:/view/blocks/0/text/text]',
      ],
    });
    expect(post([alert(1)])?.messages).toEqual(['[ERROR] unsupported type: alert [json-pointer:/blocks/0/type]']);
  });

  it('counts code points: a character outside the first plane is one', () => {
    expect(post([{ type: 'header', text: plain('🔥'.repeat(150)) }])).toBeUndefined();
    expect(post([{ type: 'header', text: plain('🔥'.repeat(151)) }])?.error).toBe('invalid_blocks');
  });
});
