import type { HomeView, ModalView } from '@slack/types';
import { block } from './blocks.js';
import { plainText } from './composition.js';
import { type Checking, fault, isObject, type Refusal } from './fault.js';
import { byType, flag, list, may, need, text, typed } from './rules.js';
import { oneFocus, uniqueBlockIds } from './whole.js';

const MAX_BYTES = 250 * 1024;
const AT = '/view';

const base = {
  blocks: need(list(block, 0, 100)),
  private_metadata: may(text(0, 3000)),
  callback_id: may(text(1, 255)),
  external_id: may(text(1, 255)),
};
const label = plainText(24);

const viewRule = byType({
  home: typed<HomeView>('home', base),
  modal: typed<ModalView>('modal', {
    ...base,
    title: need(label),
    submit: may(label),
    close: may(label),
    clear_on_close: may(flag),
    notify_on_close: may(flag),
  }),
});

/** What views.open, push, update and publish would answer to a view they do not take; undefined when they take it. */
export function validateView(view: unknown): Refusal | undefined {
  if (Buffer.byteLength(JSON.stringify(view) ?? '') > MAX_BYTES) return { error: 'view_too_large', messages: [] };
  const type = isObject(view) ? view['type'] : undefined;
  const checking: Checking = { surface: type === 'home' ? 'home' : 'modal', faults: [] };
  viewRule(view, AT, checking);
  const blocks = isObject(view) && Array.isArray(view['blocks']) ? view['blocks'] : [];
  uniqueBlockIds(blocks, `${AT}/blocks`, checking);
  oneFocus(blocks, `${AT}/blocks`, checking);
  if (type === 'modal' && (view as Record<string, unknown>)['submit'] === undefined) {
    const input = blocks.findIndex((one) => isObject(one) && one['type'] === 'input');
    if (input >= 0)
      fault(checking, `${AT}/blocks/${input}/input`, 'must define `submit` to use an `input` block in modals');
  }
  return checking.faults.length === 0 ? undefined : { error: 'invalid_arguments', messages: checking.faults };
}
