import type { Card, FactRow } from './card.js';
import { type Part, SHOW_ALL } from './card-parts.js';
import { isOurs, wroteOf } from './chat-words.js';
import type { Paper } from './rich-text.js';
import { partsOf } from './section-parts.js';

/** Said by their value alone; everybody knows what they are. */
const NAMELESS: ReadonlySet<string> = new Set(['Severity', 'Pipeline', 'Owner']);
/** A line of their own: what is the matter and what is to be done. */
const TOLD_FIRST: ReadonlySet<string> = new Set(['Cause', 'Proposed', 'Repair']);
const REMARKS_MOST = 4;
const FACTS_ROOM = 1500;

/** What is the matter and what is to be done, whose it is, and what else is not true of every incident. */
export function headlineFacts({ sections }: Card, paper: Paper): string {
  const rows = sections.flatMap((section) => (section.kind === 'facts' ? section.rows : []));
  const shown = rows.filter((row) => row.passing !== true && !isNoise(row));
  const text = (row: FactRow): string => {
    const value = paper.shortened(row.value, 200, SHOW_ALL).replaceAll('\n', ' ');
    return NAMELESS.has(row.name) ? value : `${row.name}: ${value}`;
  };
  const whose = shown.filter(({ name }) => NAMELESS.has(name)).map(text);
  const others = shown.filter(({ name }) => !NAMELESS.has(name) && !TOLD_FIRST.has(name)).map(text);
  const lines = [whose, others].filter((one) => one.length > 0).map((one) => one.join(' · '));
  const told = [...shown.filter(({ name }) => TOLD_FIRST.has(name)).map(text), ...lines];
  return paper.shortened(told.join('\n'), FACTS_ROOM, SHOW_ALL);
}

/** True on every incident, or said by the trace below: it would stand between a reader at night and what matters. */
function isNoise({ name, value }: FactRow): boolean {
  if (name === 'Tool calls') return true;
  return (name === 'Alerts' && value === '1') || (name === 'Cost so far' && value.startsWith('none'));
}

/** What else is not folded: names that are not in the inventory, a change of the reasoner. */
export function headlineRemarks(headline: Card, paper: Paper): Part[] {
  const status = headline.sections.find(isOurs);
  const others = headline.sections.filter((one) => one !== status && one.kind !== 'facts' && one.folded !== true);
  return partsOf(others, wroteOf(headline), paper).map((part) => ({
    ...part,
    most: Math.min(part.most, REMARKS_MOST),
  }));
}
