import type { KnownBlock, RichTextElement } from '@slack/types';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** As `instantWords` says an instant. */
const INSTANT = new RegExp(String.raw`\b(\d{2}):(\d{2}) UTC, (\d{1,2}) (${MONTHS.join('|')})\b`, 'g');
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
  for (const match of element.text.matchAll(INSTANT)) {
    const timestamp = secondsOf(match, near);
    if (timestamp === undefined) continue;
    text(match.index);
    const style = element.style === undefined ? {} : { style: element.style };
    found.push({ type: 'date', timestamp, format: FORMAT, fallback: match[0], ...style });
    from = match.index + match[0].length;
  }
  text(element.text.length);
  return found;
}

/** In the year that brings it closest; undefined for a time or a day that there is not. */
function secondsOf([, hours, minutes, day, month]: RegExpExecArray, near: string): number | undefined {
  const around = Date.parse(near);
  const year = new Date(around).getUTCFullYear();
  const at = [year - 1, year, year + 1]
    .map((one) => Date.UTC(one, MONTHS.indexOf(month ?? ''), Number(day), Number(hours), Number(minutes)))
    .sort((a, b) => Math.abs(a - around) - Math.abs(b - around))[0];
  if (at === undefined) return undefined;
  const read = new Date(at);
  const same = read.getUTCDate() === Number(day) && read.getUTCHours() === Number(hours) && Number(minutes) < 60;
  return same ? at / 1000 : undefined;
}
