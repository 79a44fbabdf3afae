import { describe, expect, it } from 'vitest';
import { cardText, messageText, readings, readMarkdown } from '../support/teams/rendering.js';
import { faultsOf } from '../support/teams/valid-card.js';

const text = (words: string, more: object = {}): object => ({ type: 'TextBlock', text: words, ...more });
const card = (body: object[], more: object = {}): object => ({ type: 'AdaptiveCard', version: '1.5', body, ...more });
const run = (words: string): object => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: words }] });
const execute = (more: object = {}): object => ({
  type: 'Action.Execute',
  title: 'Approve',
  verb: 'decide',
  data: {},
  ...more,
});
const input = (id: string, more: object = {}): object => ({ type: 'Input.Text', id, label: id, ...more });

const GOOD = card(
  [
    text('Words', {
      wrap: true,
      weight: 'Bolder',
      size: 'Large',
      color: 'Attention',
      isSubtle: true,
      fontType: 'Monospace',
    }),
    { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'a', strikethrough: true }, 'b'] },
    { type: 'Container', style: 'warning', bleed: true, separator: true, items: [text('inside')] },
    { type: 'ColumnSet', columns: [{ type: 'Column', width: 'stretch', items: [text('left')] }] },
    { type: 'FactSet', facts: [{ title: 'Owner', value: 'payments' }] },
    {
      type: 'Table',
      columns: [{ width: 1 }],
      rows: [{ type: 'TableRow', cells: [{ type: 'TableCell', items: [text('cell')] }] }],
    },
    input('words', { isMultiline: true, isRequired: true, errorMessage: 'Say it', maxLength: 1000 }),
    { type: 'Input.ChoiceSet', id: 'which', label: 'Which', value: 'a', choices: [{ title: 'A', value: 'a' }] },
    { type: 'Input.Number', id: 'number', label: 'How many', min: 1, max: 3 },
    { type: 'ActionSet', actions: [{ type: 'Action.ToggleVisibility', title: 'More', targetElements: ['x'] }] },
  ],
  {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    msteams: { width: 'Full' },
    fallbackText: 'words',
    refresh: { action: execute(), userIds: ['29:a'] },
    actions: [
      execute({ style: 'positive', associatedInputs: 'none', tooltip: 'Counts' }),
      { type: 'Action.Submit', title: 'Open as a dialog', data: { msteams: { type: 'task/fetch' } } },
      { type: 'Action.OpenUrl', title: 'Page', url: 'https://countersign.example/', mode: 'secondary' },
      { type: 'Action.ShowCard', title: 'Form', card: card([input('inner')]) },
    ],
  },
);

describe('what Teams shows of a card', () => {
  it('all of a good one', () => expect(faultsOf(GOOD)).toEqual([]));

  it.each([
    ['no card', { type: 'Nope' }, /no AdaptiveCard/],
    ['another version', { ...card([text('x')]), version: '1.6' }, /version "1.6"/],
    ['an unknown element', card([{ type: 'Carousel' }]), /Unknown element type "Carousel"/],
    ['an unknown element inside', card([{ type: 'Container', items: [{ type: 'Nope' }] }]), /Unknown element/],
    ['an unknown action', card([text('x')], { actions: [{ type: 'Action.Nope', title: 'x' }] }), /Unknown action/],
    ['an unknown property', card([text('x', { colour: 'Good' })]), /TextBlock has no property "colour"/],
    ['an unknown value', card([text('x', { size: 'Huge' })]), /"Huge"/],
    [
      'a property of another element',
      card([{ type: 'Container', items: [text('x')], text: 'x' }]),
      /no property "text"/,
    ],
    ['two inputs with one name', card([input('a'), input('a')]), /Duplicate/],
    ['an input without a name', card([{ type: 'Input.Text', label: 'x' }]), /unique Id/],
    ['no verb', card([text('x')], { actions: [{ type: 'Action.Execute', title: 'x' }] }), /without a verb/],
    ['a button without a title', card([text('x')], { actions: [execute({ title: '' })] }), /without a title/],
    ['seven buttons', card([text('x')], { actions: Array.from({ length: 7 }, () => execute()) }), /7 buttons/],
    [
      'an insecure address',
      card([text('x')], { actions: [{ type: 'Action.OpenUrl', title: 'x', url: 'http://x.example' }] }),
      /not https/,
    ],
    [
      'too many to refresh for',
      card([text('x')], { refresh: { action: execute(), userIds: Array(61).fill('29:a') } }),
      /61 people/,
    ],
    ['a width that there is not', card([text('x')], { msteams: { width: 'full' } }), /msteams.width/],
    ['an empty text', card([text('')]), /without text/],
  ])('not: %s', (_what, bad, fault) => expect(faultsOf(bad).join('\n')).toMatch(fault));

  it('behind "More actions" there may be more', () => {
    const actions = [...Array.from({ length: 6 }, () => execute()), execute({ mode: 'secondary' })];
    expect(faultsOf(card([text('x')], { actions }))).toEqual([]);
  });

  it('a dialog answers to Submit alone', () => {
    expect(faultsOf(card([text('x')], { actions: [execute()] }), 'dialog').join()).toMatch(/in a dialog/);
  });
});

describe('how a card reads', () => {
  it('line by line, buttons in brackets', () => {
    expect(
      cardText(GOOD)
        .split('\n')
        .filter((line) => line !== ''),
    ).toEqual([
      'Words',
      'ab',
      'inside',
      'left',
      'Owner payments',
      'cell',
      'words: []',
      'Which',
      'A',
      'How many: []',
      '[More]',
      '[Approve]',
      '[Open as a dialog]',
      '[Page]',
      '[Form]',
      'inner: []',
    ]);
  });

  it.each([
    ['**bold** and _slanted_', 'bold and slanted'],
    ['a \\*star\\* and \\_line\\_ and \\[x\\]\\(y\\)', 'a *star* and _line_ and [x](y)'],
    ['snake_case_name', 'snake_case_name'],
    ['[words](https://x.example)', 'words'],
    ['&lt;b&gt; &amp;lt;', '<b> &lt;'],
    ['until {{TIME(2026-11-23T21:45:00Z)}}', 'until 2026-11-23T21:45:00Z'],
    ['https:\u200b//x.example', 'https://x.example'],
    ['`a_b_ **c**`', 'a_b_ **c**'],
  ])('%s is read as %s', (markdown, read) => expect(readMarkdown(markdown)).toBe(read));

  it('of a message without a card, its words', () => {
    expect(messageText({ card: undefined, text: 'plain **words**' })).toBe('plain words');
  });
});

describe('what is alive', () => {
  const of = (content: object, more: object = {}): string[] => readings({ attachments: [{ content }], ...more });

  it.each([
    ['a link', card([text('[x](https://evil.example)')])],
    ['a picture', card([text('![x](https://evil.example/a.png)')])],
    ['a link in a fact', card([{ type: 'FactSet', facts: [{ title: 'x', value: '[x](https://evil.example)' }] }])],
    ['a mention', card([text('<at>Ana</at>')])],
    ['a mention by entity', card([text('x')], { msteams: { entities: [{ type: 'mention' }] } })],
    ['an address', card([text('<https://evil.example>')])],
    ['a bare address in a card, which some clients link', card([text('see https://evil.example')])],
    ['one in a run', card([run('see www.evil.example')])],
    ['a call for somebody in a run', card([run('<at>Ana</at>')])],
    ['HTML', card([text('<b>x</b>')])],
    [
      'a button that leads away',
      card([], { actions: [{ type: 'Action.OpenUrl', title: 'x', url: 'https://evil.example' }] }),
    ],
    ['an image', card([{ type: 'Image', url: 'https://evil.example/a.png' }])],
  ])('%s', (_what, content) => expect(of(content)).not.toEqual([]));

  it('addresses in the words of a message, which Teams links by itself', () => {
    expect(readings({ text: 'see https://evil.example', textFormat: 'plain' })).toHaveLength(1);
    expect(readings({ text: 'see https://ours.example/a' }, ['https://ours.example/'])).toEqual([]);
  });

  it.each([
    ['what is escaped', card([text('\\[x\\](https:\u200b//evil.example) \\<at\\>Ana\\</at\\>')])],
    ['what stands in a run', card([run('[x](https:\u200b//evil.example) <\u200bat>A</\u200bat> <b> *x*')])],
    [
      'what a button carries',
      card([], { actions: [execute({ data: { url: 'https://evil.example', text: '[x](y)' } })] }),
    ],
  ])('not: %s', (_what, content) => expect(of(content)).toEqual([]));
});
