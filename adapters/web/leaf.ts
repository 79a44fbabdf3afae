import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Leaf } from './fragments.js';

/** A view as a part of the page; `id` must be the first attribute of its outermost element. */
export function leaf(id: string, view: VNode): Leaf {
  return { id, html: renderToString(view) };
}
