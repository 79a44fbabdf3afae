import type { Card, Digest, IncidentSummary, Note, Question, Section, Thread, TraceLine } from './card.js';
import { count } from './visible-text.js';

/** What chats say in the same words about a thread. */

/** How the card labels the model's words, for the lists that have no label of their own. */
export function wroteOf(card: Card): string {
  const labelled = card.sections.find((one) => one.kind === 'text' && one.voice === 'model' && one.label !== undefined);
  return labelled?.kind === 'text' && labelled.label !== undefined
    ? labelled.label
    : 'Written by the model, not checked by a person';
}

/** Folded sections are behind "Show all"; a patch is named. */
export function shownSections(card: Card): Section[] {
  return card.sections.filter((section) => section.folded !== true || section.kind === 'patch');
}

/** Who may decide was read on the card; whoever has the form open may. */
const PEOPLE: ReadonlySet<string> = new Set(['Approval', 'Who may approve', 'Who may not']);

export function withoutPeople(section: Section): Section {
  if (section.kind !== 'facts') return section;
  return { ...section, rows: section.rows.filter(({ name }) => !PEOPLE.has(name)) };
}

/** Without what only the clock changes: it would be wrong a minute later. */
export function steadySections({ sections }: Card): Section[] {
  return sections.map((section) =>
    section.kind === 'facts' ? { ...section, rows: section.rows.filter(({ passing }) => passing !== true) } : section,
  );
}

export function hasQuotes({ sections }: Card): boolean {
  return sections.some(({ kind }) => kind === 'quote');
}

/** For what somebody is called: a decision, and an ending that leaves the pipeline broken. Nobody is woken for anything else. */
export function neededOf({ id, tone, actions }: Card): string | undefined {
  if (actions.length > 0) return 'a decision is needed.';
  return id === 'outcome' && tone === 'bad' ? 'a person must take over.' : undefined;
}

/** On a lock screen: what it is, and for a decision how risky and until when. */
export function noticeOf({ title, sections, actions }: Card): string {
  const ours = sections.find((one) => one.kind === 'text' && one.voice === 'ours');
  const rows = sections.flatMap((one) => (one.kind === 'facts' ? one.rows : []));
  const terms = rows
    .filter(({ name }) => name === 'Risk' || name === 'Decide before')
    .map(({ name, value }) => `${name}: ${value.split('. ')[0]}.`);
  const more = actions.length > 0 ? terms : ours?.kind === 'text' ? [ours.text] : [];
  return [`${title}${/[.?]$/.test(title) ? '' : '.'}`, ...more].join(' ');
}

export type OurText = Extract<Section, { kind: 'text' }>;

export function isOurs(section: Section): section is OurText {
  return section.kind === 'text' && section.voice === 'ours';
}

/** Where it stands and what to do next, as one plain sentence or two. */
export function statusText({ sections }: Card): string {
  const status = sections.find(isOurs);
  if (status === undefined) return '';
  return `${status.label === undefined ? '' : `${status.label}. `}${status.text}`;
}

/** `6 of 12` on the headline, and maybe how many more for questions. */
export function mostCalls({ headline }: Thread): number | undefined {
  const rows = headline.sections.flatMap((section) => (section.kind === 'facts' ? section.rows : []));
  const most = /^\d+ of (\d+)\b/.exec(rows.find(({ name }) => name === 'Tool calls')?.value ?? '')?.[1];
  return most === undefined ? undefined : Number(most);
}

/** `Investigation: 6 of 12 calls, 2 found nothing, 1 failed` */
export function traceTitle(trace: readonly TraceLine[], most: number | undefined): string {
  const calls = most === undefined ? count(trace.length, 'call') : `${trace.length} of ${count(most, 'call')}`;
  return ['Investigation: ', [calls, ...outcomes(trace)].join(', ')].join('');
}

export function outcomes(trace: readonly TraceLine[]): string[] {
  const of = (status: TraceLine['status']): number => trace.filter((one) => one.status === status).length;
  return [
    ...(of('no_data') === 0 ? [] : [`${of('no_data')} found nothing`]),
    ...(of('error') === 0 ? [] : [`${of('error')} failed`]),
  ];
}

/**
 * The calls by the message that shows them. A call's cost is what it may come to when it is answered, so that an answer never moves it
 * to another message.
 */
export function inMessages(
  trace: readonly TraceLine[],
  costOf: (one: TraceLine) => number,
  room: number,
  most: number,
): TraceLine[][] {
  const parts: TraceLine[][] = [];
  let left = 0;
  for (const one of trace) {
    const cost = costOf(one);
    if (parts.length === 0 || cost > left || (parts.at(-1)?.length ?? 0) >= most) {
      parts.push([]);
      left = room;
    }
    left -= cost;
    parts.at(-1)?.push(one);
  }
  return parts;
}

/** A part that is full says nothing that later calls change. */
export function partOfTraceTitle(lines: readonly TraceLine[]): string {
  const from = lines[0]?.call ?? 0;
  const to = lines.at(-1)?.call ?? 0;
  const calls = from === to ? `call ${from}` : `calls ${from} to ${to}`;
  return [`Investigation, ${calls}`, ...outcomes(lines)].join(', ');
}

export const OUTCOME_WORDS: Record<TraceLine['status'], string> = {
  running: '',
  ok: '',
  no_data: 'No data: ',
  error: 'Failed: ',
};

/** Where somebody wrote what stands in a thread, as it is said in this chat. */
export function placeWords(via: Note['via'], chat: 'slack' | 'teams'): string {
  return via === chat ? 'here' : PLACES[via];
}

const PLACES: Record<Note['via'], string> = {
  web: 'on the web page',
  terminal: 'in the terminal',
  teams: 'in Teams',
  slack: 'in Slack',
};

export const QUESTION_WORDS: Record<Question['state'], string> = {
  waiting: 'The question is in. The agent has not begun yet.',
  working: 'Looking into it. Nothing is changed.',
  answered: 'Answered.',
  failed: 'There is no answer: the agent could not finish. Ask again, or look at the web page.',
};

/** What an incident is about, for a line of a list: where it stands, how severe, whose. */
export function aboutWords(one: IncidentSummary): string[] {
  return [one.statusText, one.severity, one.pipeline, one.owner, one.incident].filter((word) => word !== '');
}

const PIPELINES = 5;

/** The numbers of a stretch of time, one sentence a line. `named` fits the name of a pipeline. */
export function digestLines(digest: Digest, named: (pipeline: string) => string): string[] {
  const { incidents, open, waiting, resolved, escalated, rejected } = digest;
  const means = [
    mean('from alert to verified recovery', digest.meanMinutesToResolve),
    mean('from card to decision', digest.meanMinutesToDecide),
  ].filter((text) => text !== undefined);
  const shown = digest.byPipeline.slice(0, PIPELINES);
  const left = digest.byPipeline.length - shown.length;
  const pipelines = shown.map(
    ({ pipeline, incidents: many }) => `${named(pipeline || 'not in the inventory')} ${many}`,
  );
  return [
    `${count(incidents, 'incident')}: ${resolved} resolved, ${escalated} escalated, ${rejected} rejected, ${open} open, ${waiting} waiting for a decision.`,
    means.length === 0 ? 'None recovered yet, so there is no mean time.' : `On average ${means.join(', ')}.`,
    ...(digest.meanToolCalls === undefined ? [] : [`On average ${digest.meanToolCalls.toFixed(1)} tool calls.`]),
    `Models cost $${digest.costUsd.toFixed(2)}.`,
    ...(pipelines.length === 0
      ? []
      : [`By pipeline: ${pipelines.join(', ')}${left === 0 ? '' : `, and ${count(left, 'more pipeline')}`}.`]),
  ];
}

function mean(what: string, minutes: number | undefined): string | undefined {
  return minutes === undefined ? undefined : `${minutesText(minutes)} ${what}`;
}

function minutesText(minutes: number): string {
  if (minutes < 1) return 'under a minute';
  if (minutes < 120) return `${Math.round(minutes)} min`;
  return `${Math.floor(minutes / 60)} h ${Math.round(minutes % 60)} min`;
}
