import { describe, expect, it } from 'vitest';
import { changesBetween, type Item, outlineOf, type Snapshot } from './fragments.js';

function item(id: string, text: string): Item {
  return {
    id,
    parts: [{ id: `body-${id}`, html: `<p id="body-${id}">${text}</p>` }],
    wrap: (parts) => `<li id="${id}">${parts}</li>`,
  };
}

function snapshot(head: string, items: Item[], title = 'one'): Snapshot {
  return {
    title,
    leaves: [{ id: 'head', html: `<h1 id="head">${head}</h1>` }],
    lists: [{ id: 'list', tag: 'ol', items }],
  };
}

function changes(before: Snapshot | undefined, now: Snapshot): string {
  return changesBetween(before && outlineOf(before), now, outlineOf(now));
}

describe('what changed between two states of a page', () => {
  const before = snapshot('a', [item('i1', 'first')]);

  it('is nothing when nothing changed', () => {
    expect(changes(before, snapshot('a', [item('i1', 'first')]))).toBe('');
    expect(outlineOf(before).revision).toBe(outlineOf(snapshot('a', [item('i1', 'first')])).revision);
  });

  it('is the leaf that changed, marked to be put in its place', () => {
    expect(changes(before, snapshot('b', [item('i1', 'first')]))).toBe('<h1 id="head" hx-swap-oob="true">b</h1>');
  });

  it('is the item that came, at the end of its list', () => {
    expect(changes(before, snapshot('a', [item('i1', 'first'), item('i2', 'second')]))).toBe(
      '<ol hx-swap-oob="beforeend:#list"><li id="i2"><p id="body-i2">second</p></li></ol>',
    );
  });

  it('is the part of an item that changed, and not the item around it', () => {
    expect(changes(before, snapshot('a', [item('i1', 'changed')]))).toBe(
      '<p id="body-i1" hx-swap-oob="true">changed</p>',
    );
  });

  it('is the whole list when an item went away or moved', () => {
    const two = snapshot('a', [item('i1', 'first'), item('i2', 'second')]);
    expect(changes(two, snapshot('a', [item('i2', 'second')]))).toBe(
      '<ol id="list" hx-swap-oob="innerHTML"><li id="i2"><p id="body-i2">second</p></li></ol>',
    );
  });

  it('is everything when it is not known what the page shows', () => {
    const all = changes(undefined, before);
    expect(all).toContain('<title>one</title>');
    expect(all).toContain('<h1 id="head" hx-swap-oob="true">');
    expect(all).toContain('hx-swap-oob="innerHTML"');
  });

  it('escapes the title, which is no HTML', () => {
    expect(changes(before, snapshot('a', [item('i1', 'first')], '</title><script>'))).toBe(
      '<title>&lt;/title>&lt;script></title>',
    );
  });
});
