import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { Blocks, type BlockWorld } from '../support/slack/page/blocks.js';
import { Mrkdwn } from '../support/slack/page/mrkdwn.js';
import type { Names } from '../support/slack/page/names.js';

const known = (table: Record<string, string>) => (id: string) => table[id];
const NAMES: Names = {
  user: known({ U1: 'Ana & Co' }),
  channel: known({ C1: 'data' }),
  group: known({ S1: 'oncall' }),
};
const WORLD: BlockWorld = { names: NAMES, people: [{ value: 'U1', text: 'Ana' }], channels: [] };
const EVIL = `<img src=x onerror=alert(1)>"'&`;

const mrkdwn = (text: string): string => renderToString(Mrkdwn({ text, names: NAMES })).replace(/<\/?span>/g, '');
const blocks = (...given: unknown[]): string => renderToString(Blocks({ blocks: given, world: WORLD }));
const plain = (text: string): object => ({ type: 'plain_text', text });
const rich = (text: string): object => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
});

describe('mrkdwn on the page', () => {
  it.each([
    ['*bold* _italic_ ~gone~ `code`', '<strong>bold</strong> <em>italic</em> <s>gone</s> <code>code</code>'],
    ['*a _b_ c*', '<strong>a <em>b</em> c</strong>'],
    ['2*3*4 and snake_case_name', '2*3*4 and snake_case_name'],
    ['`*not bold*`', '<code>*not bold*</code>'],
    ['one\ntwo', 'one<br/>two'],
    ['&gt; said\n&gt; so\nthen', '<blockquote>said<br/>so</blockquote>then'],
    ['```\na *b*\n<c>\n```', '<pre>a *b*\n&lt;c>\n</pre>'],
    ['<@U1> <@U9> <#C1> <!subteam^S1> <!here>', '@Ana &amp; Co|@U9|#data|@oncall|@here'],
    ['&lt;b&gt; &amp;amp;', '&lt;b> &amp;amp;'],
    [':large_yellow_circle: late', '<span class="dot yellow" role="img" aria-label="yellow circle"> late'],
    [':warning: :no_such_thing: 10:30:45', '⚠️ :no_such_thing: 10:30:45'],
    ['<javascript:alert(1)|click>', '&lt;javascript:alert(1)|click>'],
    ['<script>alert(1)</script>', '&lt;script>alert(1)&lt;/script>'],
  ])('%s', (text, expected) => {
    const html = mrkdwn(text).replace(/^<div class="mrkdwn">|<\/div>$/g, '');
    const mentions = [...html.matchAll(/<span class="mention">(.*?)(?=<span|$)/g)].map(([, inside]) => inside?.trim());
    expect(mentions.length > 0 ? mentions.join('|') : html).toBe(expected);
  });

  it('leads away only by http, https and mailto, and tells the other side nothing', () => {
    const link = '<a href="https://x.example/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer nofollow">';
    expect(mrkdwn('<https://x.example/a?b=1&amp;c=2|the *run*>')).toContain(`${link}the *run*</a>`);
    expect(mrkdwn('see https://x.example/a?b=1&amp;c=2.')).toContain(`${link}https://x.example/a?b=1&amp;c=2</a>.`);
    expect(mrkdwn('<data:text/html,x|y> <vbscript:x>')).not.toContain('<a');
  });

  it('shows dates in the order that they ask for, and their fallback where they are none', () => {
    expect(mrkdwn('<!date^1392734382^{date_num} {date_short}|then>')).toMatch(/2014-02-1\d Feb 1\d, 2014/);
    expect(mrkdwn('<!date^99999999999999999^{date}|once>')).toContain('once');
  });

  it('takes long and hostile text in a moment', () => {
    const began = performance.now();
    for (const piece of ['*', '_a', '<', '`', '*a `', '~ ~', '<@', ':a', '```', '&gt;', 'https://'])
      mrkdwn(piece.repeat(8000));
    expect(performance.now() - began).toBeLessThan(3000);
    expect(mrkdwn('x'.repeat(40_000))).toHaveLength(40_000 + '<div class="mrkdwn"></div>'.length);
  });
});

/** Every kind of block, with text that would be markup if anything went wrong. */
const KINDS: [string, object, string][] = [
  ['header', { type: 'header', text: plain(EVIL) }, 'header-text'],
  [
    'section',
    { type: 'section', text: { type: 'mrkdwn', text: EVIL }, fields: [{ type: 'mrkdwn', text: EVIL }] },
    'class="field"',
  ],
  ['divider', { type: 'divider' }, '<hr/>'],
  [
    'context',
    {
      type: 'context',
      elements: [plain(EVIL), { type: 'image', image_url: 'https://x.example/p.png', alt_text: EVIL }],
    },
    'role="img"',
  ],
  ['image', { type: 'image', image_url: 'https://x.example/p.png', alt_text: EVIL, title: plain(EVIL) }, 'role="img"'],
  ['rich_text', rich(EVIL), 'class="rich-text"'],
  [
    'markdown',
    {
      type: 'markdown',
      text: `# ${EVIL}\n- one\n\n| a | b |\n|---|---|\n| ${EVIL.replace('|', '')} | **c** |\n\n[x](javascript:alert(1))`,
    },
    '<strong>c</strong>',
  ],
  ['table', { type: 'table', rows: [[{ type: 'raw_text', text: EVIL }], [rich(EVIL)]] }, '<td'],
  [
    'data_table',
    {
      type: 'data_table',
      caption: EVIL,
      rows: [[{ type: 'raw_text', text: 'h' }], [{ type: 'raw_text', text: EVIL }]],
    },
    '<td',
  ],
  [
    'plan',
    {
      type: 'plan',
      title: EVIL,
      tasks: [
        {
          type: 'task_card',
          task_id: EVIL,
          title: EVIL,
          status: 'complete',
          output: rich(EVIL),
          sources: [{ type: 'url', url: 'javascript:alert(1)', text: EVIL }],
        },
      ],
    },
    'aria-label="Done"',
  ],
  ['task_card', { type: 'task_card', task_id: '1', title: EVIL, status: 'error' }, 'aria-label="Failed"'],
  ['alert', { type: 'alert', level: 'warning', text: plain(EVIL) }, 'alert-box warning'],
  [
    'card',
    {
      type: 'card',
      title: { type: 'mrkdwn', text: EVIL },
      actions: [{ type: 'button', action_id: 'a', text: plain(EVIL) }],
    },
    '<button',
  ],
  ['carousel', { type: 'carousel', elements: [{ type: 'card', body: { type: 'mrkdwn', text: EVIL } }] }, 'carousel'],
  [
    'container',
    {
      type: 'container',
      title: plain(EVIL),
      is_collapsible: true,
      child_blocks: [{ type: 'section', text: plain(EVIL) }],
    },
    '<details',
  ],
  [
    'video',
    {
      type: 'video',
      title: plain(EVIL),
      video_url: 'javascript:alert(1)',
      thumbnail_url: 'https://x.example/t.png',
      alt_text: EVIL,
    },
    'placeholder',
  ],
  ['file', { type: 'file', source: 'remote', external_id: EVIL }, 'placeholder'],
  ['an unknown block', { type: 'hologram', text: EVIL }, 'Slack would not show this block: hologram'],
];

describe('blocks on the page', () => {
  it.each(KINDS)('%s is shown, escaped and without loading anything', (_name, block, mark) => {
    const html = blocks(block);
    expect(html).toContain(mark);
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/(src|href|action)="?(javascript|https:\/\/x)/);
    expect(html).not.toContain('onerror=alert(1)>"');
    if (!['divider', 'an unknown block'].includes(_name)) expect(html).toContain('&lt;img src=x onerror=alert(1)');
  });

  it('gives every control a name, its ids, and a confirmation where it has one', () => {
    const options = ['a', 'b'].map((value) => ({ text: plain(`Option ${value}`), value }));
    const elements = [
      {
        type: 'button',
        action_id: 'go',
        text: plain('Go'),
        style: 'primary',
        value: 'v',
        confirm: {
          title: plain('Sure?'),
          text: { type: 'mrkdwn', text: '*Yes*?' },
          confirm: plain('Do it'),
          deny: plain('No'),
        },
      },
      { type: 'button', action_id: 'link', text: plain('Open page'), url: 'https://x.example/' },
      { type: 'overflow', action_id: 'more', options },
      {
        type: 'static_select',
        action_id: 'pick',
        placeholder: plain('Pick one'),
        option_groups: [{ label: plain('Group'), options }],
      },
      { type: 'users_select', action_id: 'who' },
      { type: 'checkboxes', action_id: 'ticks', options, initial_options: options.slice(1) },
      { type: 'radio_buttons', action_id: 'one', options },
      { type: 'datepicker', action_id: 'day', initial_date: '2026-01-02' },
    ];
    const html = blocks({ type: 'actions', block_id: 'blk', elements });
    expect(html).toMatch(
      /<button type="button" data-action="go" data-block="blk"[^>]*aria-label="Go" class="button primary"/,
    );
    expect(html).toMatch(/<dialog class="confirm" aria-label="Sure\?">.*<strong>Yes<\/strong>.*Do it/);
    expect(html).toMatch(/<a [^>]*href="https:\/\/x\.example\/"[^>]*>Open page<\/a>/);
    expect(html).toMatch(/role="menuitem" data-action="more"[^>]*data-value="b">Option b/);
    expect(html).toMatch(/<optgroup label="Group"><option value="a">Option a/);
    expect(html).toContain('<option value="U1">Ana</option>');
    expect(html).toMatch(/type="checkbox"[^>]*value="b" checked/);
    expect(html).toMatch(/type="date"[^>]*value="2026-01-02"/);
  });

  it('keeps each field of a form with its label, its hint and room for what is wrong', () => {
    const element = { type: 'plain_text_input', action_id: 'value', multiline: true, initial_value: EVIL };
    const html = blocks({ type: 'input', block_id: 'words', label: plain('Why?'), hint: plain('In short'), element });
    expect(html).toMatch(
      /<textarea[^>]*aria-label="Why\?"[^>]*aria-describedby="wrong-words"[^>]*aria-required="true"/,
    );
    expect(html).toContain("&lt;img src=x onerror=alert(1)>&quot;'&amp;</textarea>");
    expect(html).toMatch(/id="wrong-words" data-error-of="words" role="alert"/);
  });

  it('is not spoilt by one malformed block among good ones', () => {
    const html = blocks({ type: 'header' }, null, { type: 'section', text: plain('still here') });
    expect(html).toContain('Slack would not show this block: header');
    expect(html).toContain('still here');
  });

  it('shows 50 blocks of 3000 characters whole', () => {
    const text = 'word '.repeat(600);
    const html = blocks(...Array.from({ length: 50 }, () => ({ type: 'section', text: { type: 'mrkdwn', text } })));
    expect(html.split('word ')).toHaveLength(50 * 600 + 1);
  });
});
