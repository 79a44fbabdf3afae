import { below, type Checking, codePoints, fault, isObject } from './fault.js';

/** Rules over several blocks at once. */

const MAX_MARKDOWN = 12_000;

/** Blocks with those inside containers, plans and carousels, each with its pointer. */
function nested(blocks: readonly unknown[], at: string): { block: Record<string, unknown>; at: string }[] {
  return blocks.flatMap((one, index) => {
    if (!isObject(one)) return [];
    const here = below(at, index);
    const inside = ['child_blocks', 'tasks'].flatMap((key) =>
      Array.isArray(one[key]) ? nested(one[key], below(here, key)) : [],
    );
    return [{ block: one, at: here }, ...inside];
  });
}

/** No two blocks of a payload share a `block_id`. */
export function uniqueBlockIds(blocks: readonly unknown[], at: string, checking: Checking): void {
  const seen = new Set<string>();
  for (const one of nested(blocks, at)) {
    const id = one.block['block_id'];
    if (typeof id !== 'string') continue;
    if (seen.has(id)) fault(checking, below(one.at, 'block_id'), `\`block_id\` already exists: ${id}`);
    seen.add(id);
  }
}

/** The limit of `markdown` blocks counts for all of them together. */
export function markdownTogether(blocks: readonly unknown[], at: string, checking: Checking): void {
  const texts = blocks.filter(isObject).filter((one) => one['type'] === 'markdown');
  const sum = texts.reduce((all, one) => all + codePoints(String(one['text'] ?? '')), 0);
  if (texts.length > 1 && sum > MAX_MARKDOWN)
    fault(checking, at, `must be less than ${MAX_MARKDOWN + 1} characters in all markdown blocks`);
}

/** A message shows its tasks as one plan or as loose cards, not as both. */
export function planOrTasks(blocks: readonly unknown[], at: string, checking: Checking): void {
  const types = blocks.map((one) => (isObject(one) ? one['type'] : undefined));
  const loose = types.indexOf('task_card');
  if (loose >= 0 && types.includes('plan'))
    fault(checking, below(below(at, loose), 'type'), '`task_card` can not be used beside a `plan`');
}

/** `table` and `data_table`, also inside containers: a message takes one. */
export function tablesIn(blocks: readonly unknown[]): number {
  return nested(blocks, '').filter(({ block }) => block['type'] === 'table' || block['type'] === 'data_table').length;
}

/** Only one element of a view takes the cursor when it opens. */
export function oneFocus(blocks: readonly unknown[], at: string, checking: Checking): void {
  let found = false;
  const look = (value: unknown, here: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isObject(value) && value['focus_on_load'] === true) {
      if (found) fault(checking, below(here, 'focus_on_load'), 'only one element may have `focus_on_load`');
      found = true;
    }
    for (const [key, member] of Object.entries(value)) look(member, below(here, key));
  };
  look(blocks, at);
}
