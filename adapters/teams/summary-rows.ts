import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import { aboutWords, digestLines } from '../../src/domain/chat-words.js';
import { bullets, line, type RichText, said } from '../../src/domain/rich-text.js';
import { count } from '../../src/domain/visible-text.js';
import type { Carried } from './action-data.js';
import type { CardAction, CardElement } from './body.js';
import { execute } from './frame.js';
import { written } from './paper.js';
import { clipped, row, run, toneIcon } from './text.js';

/** An incident in two lines: what it is; where it stands, how severe, whose. And a way to it. */
function summaryElements(one: IncidentSummary): CardElement {
  const title = `${toneIcon(one.tone)}${clipped(one.title, 160).replaceAll('\n', ' ')}`;
  const about = aboutWords(one).map((word) => clipped(word, 80));
  const text = written([line(said(title, { bold: true }), said(`\n${about.join(' · ')}`))]);
  return { type: 'Container', items: [text, { type: 'ActionSet', actions: [wayTo(one.incident)] }] };
}

function wayTo(incident: string): CardAction {
  const carried: Carried = { verb: 'show', incident, card: 'headline', detail: 'all' };
  return execute('Show it', carried);
}

/** As many as there is to be seen at once; the rest is counted. */
export function summaryRows(summaries: readonly IncidentSummary[], most: number, rest: string): CardElement[] {
  const left = summaries.length - most;
  return [
    ...summaries.slice(0, most).map(summaryElements),
    ...(left <= 0 ? [] : [row(run(`${count(left, 'more incident')}: ${rest}`, { italic: true }))]),
  ];
}

/** The numbers of a stretch of time. */
export function digestText(digest: Digest): RichText {
  return [bullets(numbersOf(digest).map((text) => [said(text)]))];
}

export function numbersOf(digest: Digest): string[] {
  return digestLines(digest, (pipeline) => clipped(pipeline, 60));
}
