import { createHash } from 'node:crypto';

/** A part of a page with an id of its own, as HTML whose first attribute is that id. */
export interface Leaf {
  id: string;
  html: string;
}

/** An item of a list that grows: sent whole when it is new, else only the parts that changed. */
export interface Item {
  id: string;
  parts: Leaf[];
  /** The item around its parts. */
  wrap(parts: string): string;
}

export interface GrowingList {
  id: string;
  tag: 'ol' | 'ul' | 'div';
  items: Item[];
}

/** Everything on a page that changes by itself. */
export interface Snapshot {
  /** For the browser's title bar. */
  title: string;
  leaves: Leaf[];
  lists: GrowingList[];
}

/** A snapshot reduced to what is needed to tell what changed since: hashes by id. */
export interface Outline {
  revision: string;
  leaves: Map<string, string>;
  /** Item ids in order, by list; the parts of an item are among the leaves. */
  lists: Map<string, string[]>;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

export function outlineOf(snapshot: Snapshot): Outline {
  const all = [...snapshot.leaves, ...snapshot.lists.flatMap((list) => list.items.flatMap((item) => item.parts))];
  const leaves = new Map(all.map(({ id, html }) => [id, hashOf(html)]));
  leaves.set('title', hashOf(snapshot.title));
  const lists = new Map(snapshot.lists.map((list) => [list.id, list.items.map((item) => item.id)]));
  return { revision: hashOf(JSON.stringify([[...leaves], [...lists]])), leaves, lists };
}

export function itemHtml(item: Item): string {
  return item.wrap(item.parts.map((part) => part.html).join(''));
}

/** What a page that shows `before` needs to show `now`, as htmx out-of-band swaps; all of it when `before` is not known. */
export function changesBetween(before: Outline | undefined, now: Snapshot, nowOutline: Outline): string {
  const title = isSame(before, nowOutline, 'title') ? '' : `<title>${escapeText(now.title)}</title>`;
  const leaves = now.leaves.filter((leaf) => !isSame(before, nowOutline, leaf.id)).map(replaced);
  const lists = now.lists.map((list) => listChanges(before, list, nowOutline));
  return [title, ...leaves, ...lists].join('');
}

function isSame(before: Outline | undefined, now: Outline, id: string): boolean {
  return before?.leaves.get(id) === now.leaves.get(id);
}

/** The leaf with the mark that makes htmx put it where its id already is. */
function replaced({ id, html }: Leaf): string {
  return html.replace(` id="${id}"`, ` id="${id}" hx-swap-oob="true"`);
}

function listChanges(before: Outline | undefined, list: GrowingList, now: Outline): string {
  const old = before?.lists.get(list.id);
  const ids = list.items.map((item) => item.id);
  const grew = old?.every((id, at) => ids[at] === id) ?? false;
  if (old === undefined || !grew) {
    return `<${list.tag} id="${list.id}" hx-swap-oob="innerHTML">${list.items.map(itemHtml).join('')}</${list.tag}>`;
  }
  const changed = list.items
    .slice(0, old.length)
    .flatMap((item) => item.parts.filter((part) => !isSame(before, now, part.id)).map(replaced));
  const fresh = list.items.slice(old.length).map(itemHtml).join('');
  const appended = fresh === '' ? '' : `<${list.tag} hx-swap-oob="beforeend:#${list.id}">${fresh}</${list.tag}>`;
  return changed.join('') + appended;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
