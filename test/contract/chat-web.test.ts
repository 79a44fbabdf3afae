import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatGiven } from './chat.js';
import { openWebChat } from './chat-web.js';
import { holdTo } from './contract.js';
import { CHAT } from './expectations/chat.js';
import { aliveIn, textOf } from './html.js';

let given: ChatGiven;
beforeAll(async () => {
  given = await openWebChat();
});
afterAll(() => given.close());

holdTo(CHAT, { name: 'web', version: () => 'this tree' }, () => given);

describe('how the suite reads the page', () => {
  it.each([
    '<script>x()</script>',
    '<img src="/a.png">',
    '<p onclick="x()">',
    '<a href="https://evil.example/">',
    '<a href="javascript:x()">',
    '<a href="//evil.example">',
    '<form action="&#106;avascript:x()">',
    '<iframe srcdoc="x">',
  ])('sees that %s is alive', (html) => {
    expect(aliveIn(`<p>quiet ${html}</p>`)).toHaveLength(1);
  });

  it('takes what is escaped for words, and our own links for quiet', () => {
    const html =
      '<p>&lt;script&gt;x()&lt;/script&gt; &amp;lt;</p><a href="/incidents/INC-1#card">go</a><script src="/assets/a.js"></script>';
    expect(aliveIn(html)).toEqual([]);
    expect(textOf(html)).toBe('<script>x()</script> &lt;\ngo');
  });
});
