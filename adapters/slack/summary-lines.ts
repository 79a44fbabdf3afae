import type { RichTextElement } from '@slack/types';
import type { Digest, IncidentSummary } from '../../src/domain/card.js';
import { aboutWords, digestLines as linesOf } from '../../src/domain/chat-words.js';
import { clipped, said, toneIcon } from './text.js';

/** An incident in two lines: what it is; where it stands, how severe, whose. */
export function summaryElements(one: IncidentSummary): RichTextElement[] {
  return [
    ...toneIcon(one.tone),
    said(`${clipped(one.title, 160).replaceAll('\n', ' ')}`, { bold: true }),
    said(
      `\n${aboutWords(one)
        .map((word) => clipped(word, 80))
        .join(' · ')}`,
    ),
  ];
}

/** The numbers of a stretch of time, one sentence a line. */
export function digestLines(digest: Digest): string[] {
  return linesOf(digest, (pipeline) => clipped(pipeline, 60));
}
