import type { KnownBlock, RichTextElement } from '@slack/types';
import { instantsIn } from '../../src/domain/said-instants.js';

const FORMAT = '{time}, {date_short_pretty}';

/**
 * The same blocks with their instants in each reader's own time zone: nobody converts from UTC at night. Words in a box are
 * somebody's and stay as they are. `near` gives the year, which a card does not say.
 */
export function withLocalTimes(blocks: readonly KnownBlock[], near: string): KnownBlock[] {
  const told = (elements: readonly RichTextElement[]): RichTextElement[] =>
    elements.flatMap((element) => timesIn(element, near));
  return blocks.map((block) => {
    if (block.type !== 'rich_text') return block;
    const elements = block.elements.map((part) => {
      if (part.type === 'rich_text_section') return { ...part, elements: told(part.elements) };
      if (part.type !== 'rich_text_list') return part;
      return { ...part, elements: part.elements.map((item) => ({ ...item, elements: told(item.elements) })) };
    });
    return { ...block, elements };
  });
}

function timesIn(element: RichTextElement, near: string): RichTextElement[] {
  if (element.type !== 'text') return [element];
  const found: RichTextElement[] = [];
  let from = 0;
  const text = (to: number): void => {
    if (to > from) found.push({ ...element, text: element.text.slice(from, to) });
  };
  for (const { index, text: fallback, seconds: timestamp } of instantsIn(element.text, near)) {
    text(index);
    const style = element.style === undefined ? {} : { style: element.style };
    found.push({ type: 'date', timestamp, format: FORMAT, fallback, ...style });
    from = index + fallback.length;
  }
  text(element.text.length);
  return found;
}
