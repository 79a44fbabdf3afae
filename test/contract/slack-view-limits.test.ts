import { describe, expect, it } from 'vitest';
import { input, many, modal, section, x } from '../support/slack/try-payload.js';
import { BLOCKS, plain } from '../support/slack/valid-blocks.js';
import type { Refusal } from '../support/slack/validate/fault.js';
import { validateView } from '../support/slack/validate/view.js';

describe('views', () => {
  const home = (blocks: unknown[], more: object = {}): Refusal | undefined =>
    validateView({ type: 'home', blocks, ...more });
  const VIEW_LIMITS: [field: string, limit: number, pointer: string, make: (n: number) => object][] = [
    ['title', 24, '/view/title/text', (n) => ({ title: plain(x(n)) })],
    ['submit', 24, '/view/submit/text', (n) => ({ submit: plain(x(n)) })],
    ['close', 24, '/view/close/text', (n) => ({ close: plain(x(n)) })],
    ['callback_id', 255, '/view/callback_id', (n) => ({ callback_id: x(n) })],
    ['external_id', 255, '/view/external_id', (n) => ({ external_id: x(n) })],
    ['private_metadata', 3000, '/view/private_metadata', (n) => ({ private_metadata: x(n) })],
  ];
  it.each(VIEW_LIMITS)('%s takes %i characters', (_, limit, pointer, make) => {
    expect(modal([], make(limit))).toBeUndefined();
    expect(modal([], make(limit + 1))).toEqual({
      error: 'invalid_arguments',
      messages: [`[ERROR] must be less than ${limit + 1} characters [json-pointer:${pointer}]`],
    });
  });

  it('takes 100 blocks', () => {
    const blocks = (n: number) => many(n, () => ({ type: 'divider' }));
    expect(modal(blocks(100))).toBeUndefined();
    expect(home(blocks(100))).toBeUndefined();
    expect(modal(blocks(101))?.messages).toEqual([
      '[ERROR] no more than 100 items allowed [json-pointer:/view/blocks]',
    ]);
  });

  it('takes 250 KB', () => {
    const blocks = many(92, () => section('🔥'.repeat(680)));
    const view = (padding: number): object => ({ type: 'home', blocks, private_metadata: x(padding) });
    const padding = 250 * 1024 - Buffer.byteLength(JSON.stringify(view(0)));
    expect(padding).toBeGreaterThan(0);
    expect(validateView(view(padding))).toBeUndefined();
    expect(validateView(view(padding + 1))).toEqual({ error: 'view_too_large', messages: [] });
  });

  it('wants a submit button where something is asked, in modals only', () => {
    const asks = input({ type: 'plain_text_input' });
    expect(modal([asks])).toBeUndefined();
    expect(modal([section('t'), asks], { submit: undefined })?.messages).toEqual([
      '[ERROR] must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]',
    ]);
    expect(home([asks])).toBeUndefined();
  });

  it('wants a title of a modal and none of a home tab', () => {
    expect(validateView({ type: 'modal', blocks: [] })?.messages).toEqual([
      '[ERROR] missing required field: title [json-pointer:/view]',
    ]);
    expect(home([], { title: plain('t') })?.messages).toEqual([
      '[ERROR] invalid additional property: title [json-pointer:/view]',
    ]);
  });

  it('refuses what is no view', () => {
    expect(validateView(undefined)?.error).toBe('invalid_arguments');
    expect(validateView('{}')?.messages).toEqual(['[ERROR] must provide an object [json-pointer:/view]']);
    expect(validateView({ type: 'dialog', blocks: [] })?.messages).toEqual([
      '[ERROR] unsupported type: dialog [json-pointer:/view/type]',
    ]);
    expect(validateView({ type: 'home' })?.messages).toEqual([
      '[ERROR] missing required field: blocks [json-pointer:/view]',
    ]);
  });

  it('takes a block_id once and the cursor once', () => {
    const asks = (block_id: string, focus_on_load: boolean) => ({
      ...input({ type: 'plain_text_input', focus_on_load }),
      block_id,
    });
    expect(modal([asks('a', true), asks('b', false)])).toBeUndefined();
    expect(modal([asks('a', false), asks('a', false)])?.messages).toEqual([
      '[ERROR] `block_id` already exists: a [json-pointer:/view/blocks/1/block_id]',
    ]);
    expect(modal([asks('a', true), asks('b', true)])?.messages).toEqual([
      '[ERROR] only one element may have `focus_on_load` [json-pointer:/view/blocks/1/element/focus_on_load]',
    ]);
  });

  it.each(['markdown', 'plan', 'task_card', 'table', 'data_table', 'context_actions', 'file'] as const)(
    'refuses %s, which only messages have',
    (type) => {
      expect(modal([BLOCKS[type]])?.messages).toEqual([
        `[ERROR] unsupported type: ${type} [json-pointer:/view/blocks/0/type]`,
      ]);
      expect(home([BLOCKS[type]])?.error).toBe('invalid_arguments');
    },
  );
});
