import { describe, expect, it } from 'vitest';
import { actions, button, many, post, section, x } from '../support/slack/try-payload.js';
import { BLOCKS, plain, richText } from '../support/slack/valid-blocks.js';
import type { Refusal } from '../support/slack/validate/fault.js';
import { type MessageArgs, validateMessage } from '../support/slack/validate/message.js';

/** Limits over a whole message. */

describe('over a whole message', () => {
  const divider = { type: 'divider' };

  it('takes 50 blocks and no more', () => {
    expect(post(many(50, () => divider))).toBeUndefined();
    expect(post(many(51, () => divider))?.messages).toEqual([
      '[ERROR] no more than 50 items allowed [json-pointer:/blocks]',
    ]);
  });

  it('takes a block_id once, also inside containers', () => {
    expect(
      post([
        { ...divider, block_id: 'a' },
        { ...divider, block_id: 'b' },
      ]),
    ).toBeUndefined();
    expect(
      post([
        { ...divider, block_id: 'a' },
        { ...divider, block_id: 'a' },
      ])?.messages,
    ).toEqual(['[ERROR] `block_id` already exists: a [json-pointer:/blocks/1/block_id]']);
    const container = { ...BLOCKS.container, child_blocks: [{ ...divider, block_id: 'a' }] };
    expect(post([{ ...divider, block_id: 'a' }, container])?.messages).toEqual([
      '[ERROR] `block_id` already exists: a [json-pointer:/blocks/1/child_blocks/0/block_id]',
    ]);
  });

  it('takes one action_id in two blocks', () => {
    expect(post([actions(button), actions(button)])).toBeUndefined();
  });

  it('counts markdown of all blocks together', () => {
    const markdown = (n: number) => ({ type: 'markdown', text: x(n) });
    expect(post([markdown(6000), markdown(6000)])).toBeUndefined();
    expect(post([markdown(6000), markdown(6001)])?.error).toBe('invalid_blocks');
  });

  it('takes a plan or loose tasks, not both', () => {
    expect(post([BLOCKS.plan, BLOCKS.plan])).toBeUndefined();
    expect(post([BLOCKS.task_card, { ...BLOCKS.task_card, block_id: 'b' }])).toBeUndefined();
    expect(post([BLOCKS.plan, BLOCKS.task_card])?.messages).toEqual([
      '[ERROR] `task_card` can not be used beside a `plan` [json-pointer:/blocks/1/type]',
    ]);
  });

  it('takes one table, wherever it stands', () => {
    const only = { error: 'invalid_attachments', messages: ['[ERROR] only_one_table_allowed'] };
    expect(post([BLOCKS.table])).toBeUndefined();
    expect(post([BLOCKS.table, BLOCKS.data_table])).toEqual(only);
    expect(post([BLOCKS.table, { ...BLOCKS.container, child_blocks: [BLOCKS.table] }])).toEqual(only);
    expect(post([BLOCKS.table], { attachments: [{ blocks: [BLOCKS.table] }] })).toEqual(only);
  });

  const tooLong = { error: 'msg_blocks_too_long', messages: [] };
  it('takes about 13,200 characters over all blocks', () => {
    const with12k = (n: number) => [{ type: 'markdown', text: x(12_000) }, section(x(n))];
    expect(post(with12k(1150))).toBeUndefined();
    expect(post(with12k(1151))).toEqual(tooLong);
  });

  it('counts a heading as about 100 characters, in markdown too', () => {
    const headers = (n: number) => [
      ...many(20, () => ({ type: 'header', text: plain('h') })),
      { type: 'markdown', text: x(n) },
    ];
    expect(post(headers(11_155))).toBeUndefined();
    expect(post(headers(11_156))).toEqual(tooLong);
    const headed = (n: number) => [{ type: 'markdown', text: `${'# h\n'.repeat(20)}${x(n)}` }];
    expect(post(headed(11_095))).toBeUndefined();
    expect(post(headed(11_096))).toEqual(tooLong);
  });

  it('counts &, < and > as the entities they become, and what is escaped only once', () => {
    const of = (text: string) => many(5, () => section(text));
    expect(post(of('a'.repeat(2600)))).toBeUndefined();
    expect(post(of('&'.repeat(600)))).toEqual(tooLong);
    expect(post(of('<'.repeat(650)))).toBeUndefined();
    expect(post(of('<'.repeat(660)))).toEqual(tooLong);
    expect(post(of('&lt;'.repeat(650)))).toBeUndefined();
  });

  it('counts the texts of tasks, tables and rich text', () => {
    const task = (i: number) => ({
      type: 'task_card',
      task_id: String(i),
      title: x(100),
      status: 'complete',
      details: richText(x(1100)),
    });
    expect(post([{ type: 'plan', title: 'p', tasks: many(10, task) }])).toBeUndefined();
    expect(post([{ type: 'plan', title: 'p', tasks: many(11, task) }])).toEqual(tooLong);
    expect(post([richText(...many(14, () => x(1000)))])).toEqual(tooLong);
  });

  it('counts the blocks that markdown becomes', () => {
    const headings = (n: number) => [{ type: 'markdown', text: many(n, (i) => `# ${i}`).join('\n\n') }];
    expect(post(headings(50))).toBeUndefined();
    expect(post(headings(51))).toEqual(tooLong);
    expect(
      post([{ type: 'markdown', text: `\`\`\`\n${many(60, () => '# not a heading').join('\n')}\n\`\`\`` }]),
    ).toBeUndefined();
  });
});

describe('texts, attachments and metadata', () => {
  const message = (args: Partial<MessageArgs>): Refusal | undefined =>
    validateMessage({ method: 'chat.postMessage', ...args });
  const only = (error: string) => ({ error, messages: [] });

  it('wants a text, blocks or attachments', () => {
    expect(message({})).toEqual(only('no_text'));
    expect(message({ text: '' })).toEqual(only('no_text'));
    expect(message({ text: ' \n' })).toEqual(only('no_text'));
    expect(message({ blocks: [] })).toEqual(only('no_text'));
    expect(message({ blocks: [{ type: 'divider' }] })).toBeUndefined();
    expect(message({ attachments: [{ text: 'a' }] })).toBeUndefined();
    expect(message({ markdown_text: '**m**' })).toBeUndefined();
  });

  it('takes markdown_text alone, up to 12,000 characters', () => {
    expect(message({ text: 't', markdown_text: 'm' })).toEqual(only('markdown_text_conflict'));
    expect(message({ blocks: [{ type: 'divider' }], markdown_text: 'm' })).toEqual(only('markdown_text_conflict'));
    expect(message({ markdown_text: x(12_000) })).toBeUndefined();
    expect(message({ markdown_text: x(12_001) })).toEqual(only('msg_too_long'));
  });

  it('takes a long text in a post and 4,000 bytes in an edit', () => {
    expect(message({ text: x(41_000) })).toBeUndefined();
    expect(message({ method: 'chat.update', text: x(4000) })).toBeUndefined();
    expect(message({ method: 'chat.update', text: x(4001) })).toEqual(only('msg_too_long'));
    expect(message({ method: 'chat.update', text: 'é'.repeat(2001) })).toEqual(only('msg_too_long'));
  });

  it('wants blocks as a list', () => {
    expect(message({ text: 't', blocks: '[]' })).toEqual(only('invalid_blocks_format'));
    expect(message({ text: 't', blocks: { type: 'divider' } })).toEqual(only('invalid_blocks_format'));
  });

  it('takes 100 attachments with known fields and good blocks', () => {
    const attachments = (n: number) => many(n, () => ({ color: '#36a64f', text: 'a' }));
    expect(message({ text: 't', attachments: attachments(100) })).toBeUndefined();
    expect(message({ text: 't', attachments: attachments(101) })).toEqual(only('too_many_attachments'));
    expect(message({ text: 't', attachments: [{ indent: true }] })?.error).toBe('invalid_attachments');
    expect(message({ text: 't', attachments: [{ color: 'blue' }] })?.error).toBe('invalid_attachments');
    expect(message({ text: 't', attachments: [{ blocks: [section('')] }] })?.messages).toContain(
      '[ERROR] must be more than 0 characters [json-pointer:/attachments/0/blocks/0/text/text]',
    );
  });

  it('counts the blocks of attachments with the others', () => {
    const half = many(2, () => section(x(3000)));
    expect(message({ text: 't', blocks: half, attachments: [{ blocks: half }] })).toBeUndefined();
    expect(message({ text: 't', blocks: [...half, section(x(1200))], attachments: [{ blocks: half }] })).toEqual(
      only('msg_blocks_too_long'),
    );
  });

  const metadata = (payload: unknown, event_type: unknown = 'countersign_delivery') => ({
    text: 't',
    metadata: { event_type, event_payload: payload },
  });
  it('takes flat metadata', () => {
    expect(message(metadata({ id: 'd-1', n: 1, ok: true, at: { key: 'headline' }, of: [{ a: 'b' }] }))).toBeUndefined();
    expect(message(metadata({ deep: { a: { b: 1 } } }))?.error).toBe('invalid_metadata_schema');
    expect(message(metadata({ none: null }))?.error).toBe('invalid_metadata_schema');
    expect(message(metadata({ texts: ['a'] }))?.error).toBe('invalid_metadata_schema');
    expect(message(metadata('id'))?.error).toBe('invalid_metadata_format');
    expect(message(metadata({}, 'not a name'))?.error).toBe('invalid_metadata_format');
    expect(message({ text: 't', metadata: '{}' })?.error).toBe('invalid_metadata_format');
    expect(message({ text: 't', metadata: { event_type: 'a', event_payload: {}, more: 1 } })?.error).toBe(
      'invalid_metadata_format',
    );
  });

  it('takes 16 KB of metadata', () => {
    const size = (n: number) => metadata({ a: x(n) });
    const frame = JSON.stringify(size(0).metadata).length;
    expect(message(size(16 * 1024 - frame))).toBeUndefined();
    expect(message(size(16 * 1024 - frame + 1))).toEqual(only('metadata_too_large'));
  });

  it('takes metadata away by an edit with an empty object, and not by a post', () => {
    expect(message({ method: 'chat.update', text: 't', metadata: {} })).toBeUndefined();
    expect(message({ text: 't', metadata: {} })?.error).toBe('invalid_metadata_format');
  });
});
