import { describe, expect, it } from 'vitest';
import { MessageActivity, saidToBot, whereOf } from './activities.js';

function message(text: string, more: Record<string, unknown> = {}): MessageActivity {
  return MessageActivity.parse({
    type: 'message',
    id: '17',
    channelId: 'msteams',
    serviceUrl: 'https://service.example/',
    from: { id: '29:ana', name: 'Ana', aadObjectId: 'aad' },
    recipient: { id: '28:bot' },
    conversation: { id: '19:c@thread.tacv2;messageid=17', conversationType: 'channel' },
    text,
    ...more,
  });
}
const call = (text: string, id = '28:bot') => ({ type: 'mention', mentioned: { id, name: 'x' }, text });

describe('what is said to the bot', () => {
  it.each([
    ['<at>Countersign</at> when did it change?', 'when did it change?'],
    ['when did it change, <at>Countersign</at>?', 'when did it change, ?'],
    ['<at>Countersign</at>&nbsp;list', 'list'],
    ['<at>Countersign</at> is a &lt; b &amp;&amp; c?', 'is a < b && c?'],
    ['<at>Countersign</at>\r\nfirst\r\nsecond', 'first\nsecond'],
    ['<at>Countersign</at> a\u202eb\u200bc', 'abc'],
    ['<at>Countersign</at>', ''],
  ])('%j is %j', (text, said) => {
    expect(saidToBot(message(text, { entities: [call('<at>Countersign</at>')] }), false)).toBe(said);
  });

  it('names others as they are called', () => {
    const entities = [call('<at>Countersign</at>'), call('<at>Ben</at>', '29:ben')];
    expect(saidToBot(message('<at>Countersign</at> did <at>Ben</at> do it?', { entities }), false)).toBe(
      'did @Ben do it?',
    );
  });

  it('is nothing when somebody else is called, or only the letters of the name are there', () => {
    expect(
      saidToBot(message('<at>Ben</at> look', { entities: [call('<at>Ben</at>', '29:ben')] }), false),
    ).toBeUndefined();
    expect(saidToBot(message('<at>Countersign</at> list'), false)).toBeUndefined();
  });

  it('is everything in the chat with it', () => {
    expect(saidToBot(message('list'), true)).toBe('list');
  });

  it('does not take long over letters that look like tags', () => {
    const began = performance.now();
    saidToBot(message('<at id="'.repeat(12_000)), true);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

it('a name that somebody chose is bounded', () => {
  const { name } = whereOf(message('x', { from: { id: '29:ana', name: 'x'.repeat(999) } }));
  expect(name).toHaveLength(250);
});
