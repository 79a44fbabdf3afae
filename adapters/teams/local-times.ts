import { instantsIn } from '../../src/domain/said-instants.js';
import type { CardElement, TextRun } from './body.js';

/**
 * The same elements with the reader's own time beside each instant: nobody converts from UTC at night. Words on a ground of their own
 * are somebody's and stay as they are. `near` gives the year, which a card does not say.
 */
export function withLocalTimes(elements: readonly CardElement[], near: string): CardElement[] {
  return elements.map((element) => {
    if (element.type === 'RichTextBlock')
      return { ...element, inlines: element.inlines.flatMap((one) => timesIn(one, near)) };
    if (element.type === 'Container' && element.style === undefined)
      return { ...element, items: withLocalTimes(element.items, near) };
    return element;
  });
}

function timesIn(run: TextRun, near: string): TextRun[] {
  const found: TextRun[] = [];
  let from = 0;
  for (const { index, text, seconds } of instantsIn(run.text, near)) {
    const end = index + text.length;
    found.push({ ...run, text: run.text.slice(from, end) });
    found.push({ ...run, text: ` (${clock(new Date(seconds * 1000).toISOString())} your time)` });
    from = end;
  }
  return from === 0 ? [run] : [...found, ...(from < run.text.length ? [{ ...run, text: run.text.slice(from) }] : [])];
}

/** An instant of ours on the reader's own clock and calendar. */
export function timeHere(instant: string): string {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return 'at a time that is not known';
  const iso = at.toISOString();
  return `{{DATE(${seconds(iso)}, SHORT)}} ${clock(iso)}`;
}

function clock(iso: string): string {
  return `{{TIME(${seconds(iso)})}}`;
}

/** Clients read no fractions of a second. */
function seconds(iso: string): string {
  return iso.replace(/\.\d+Z$/, 'Z');
}
