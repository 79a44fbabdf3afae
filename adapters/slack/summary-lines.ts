import type { RichTextElement } from '@slack/types';
import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import { clipped, count, said, toneIcon } from './text.js';

/** An incident in two lines: what it is; where it stands, how severe, whose. */
export function summaryElements(one: IncidentSummary): RichTextElement[] {
  const about = [one.statusText, one.severity, one.pipeline, one.owner, one.incident];
  return [
    ...toneIcon(one.tone),
    said(`${clipped(one.title, 160).replaceAll('\n', ' ')}`, { bold: true }),
    said(
      `\n${about
        .filter((word) => word !== '')
        .map((word) => clipped(word, 80))
        .join(' · ')}`,
    ),
  ];
}

const PIPELINES = 5;

/** The numbers of a stretch of time, one sentence a line. */
export function digestLines(digest: Digest): string[] {
  const { incidents, open, waiting, resolved, escalated, rejected } = digest;
  const means = [
    mean('from alert to verified recovery', digest.meanMinutesToResolve),
    mean('from card to decision', digest.meanMinutesToDecide),
  ].filter((text) => text !== undefined);
  const shown = digest.byPipeline.slice(0, PIPELINES);
  const left = digest.byPipeline.length - shown.length;
  const pipelines = shown.map(
    ({ pipeline, incidents: many }) => `${clipped(pipeline || 'not in the inventory', 60)} ${many}`,
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
