// Parts of the page that the server paints anew: what is the same stays untouched, with its open folds and typed words.
import { restore, valuesIn } from './fields.js';

/** What the server sent for an element, before anybody opened or filled in anything in it. */
const sources = new WeakMap();

export const toEnd = (list) => list?.scrollTo(0, list.scrollHeight);

export function remember(region) {
  for (const child of region.children) sources.set(child, child.outerHTML);
}

const keyOf = (element, at) => element.dataset.key ?? `#${at}`;

export function renew(region, fresh) {
  const atEnd = region.scrollHeight - region.scrollTop - region.clientHeight < 90;
  const old = new Map([...region.children].map((child, at) => [keyOf(child, at), child]));
  const wanted = [...fresh.children].map((child, at) => {
    const mine = old.get(keyOf(child, at));
    const source = child.outerHTML;
    if (mine && sources.get(mine) === source) return mine;
    const taken = document.importNode(child, true);
    sources.set(taken, source);
    if (mine) carry(mine, taken);
    return taken;
  });
  for (const child of [...region.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, at) => {
    if (region.children[at] !== child) region.insertBefore(child, region.children[at] ?? null);
  });
  if (region.dataset.scroll === 'end' && atEnd) toEnd(region);
}

/** Folds stay open and choices stay made when the same element comes anew; the nth fold of a name is the nth again. */
function carry(from, to) {
  for (const fold of to.querySelectorAll('details[data-keep]')) {
    const named = `details[data-keep="${CSS.escape(fold.dataset.keep)}"]`;
    const same = from.querySelectorAll(named)[[...to.querySelectorAll(named)].indexOf(fold)];
    if (same) fold.open = same.open;
  }
  if (from.matches('.message')) restore(to, valuesIn(from));
}
