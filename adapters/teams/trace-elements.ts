import type { TraceLine } from '../../src/domain/card.js';
import { SHOW_TRACE } from '../../src/domain/card-parts.js';
import { inMessages, OUTCOME_WORDS, outcomes, partOfTraceTitle, traceTitle } from '../../src/domain/chat-words.js';
import { line, said } from '../../src/domain/rich-text.js';
import { count } from '../../src/domain/visible-text.js';
import type { CardAction, CardElement } from './body.js';
import { CARD_ROOM } from './frame.js';
import { boxOf, written } from './paper.js';
import { bytesOf, clipped, row, run, shortened } from './text.js';

/** The trace: one call below the other with what came of it; what the agent thought is folded, and unfolds in the client. */

const CALL = 300;
const THOUGHT = 750;
const HYPOTHESIS = 300;
const OUTCOME = 340;
/** With what it costs to be shown at all. */
const OUTCOME_COST = 520;
const CALLS_MOST = 20;
const ROOM = CARD_ROOM - 2500;

export interface TracePart {
  title: string;
  body: CardElement[];
  /** Unfolds the thoughts. */
  unfold: CardAction;
}

/** The calls in as many messages as are needed. */
export function traceParts(trace: readonly TraceLine[], most: number | undefined): TracePart[] {
  const cost = (one: TraceLine): number => bytesOf(callElements({ ...one, headline: '' })) + OUTCOME_COST;
  const parts = inMessages(trace, cost, ROOM, CALLS_MOST);
  return parts.map((lines) => {
    const title = parts.length === 1 ? traceTitle(trace, most) : partOfTraceTitle(lines);
    return {
      title,
      body: [row(run(title, { weight: 'Bolder' })), ...lines.flatMap(callElements)],
      unfold: { type: 'Action.ToggleVisibility', title: 'Show thoughts', targetElements: lines.map(whyId) },
    };
  });
}

/** The calls of a follow-up question, beside other text; older ones give way. */
export function shortTrace(trace: readonly TraceLine[], room: number): CardElement[] {
  if (trace.length === 0) return [];
  let shown = trace.slice(-CALLS_MOST).map(briefElements);
  while (shown.length > 1 && bytesOf(shown) + OUTCOME_COST > room) shown = shown.slice(1);
  const left = trace.length - shown.length;
  const title = `Looked at: ${[count(trace.length, 'call'), ...outcomes(trace)].join(', ')}`;
  const earlier = left === 0 ? [] : [line(said(`${count(left, 'earlier call')} not shown here.`, { italic: true }))];
  return [written([line(said(title, { bold: true })), ...earlier]), ...shown.flat()];
}

function callElements(one: TraceLine): CardElement[] {
  return [
    ...briefElements(one),
    {
      ...boxOf([
        row(run('Thought: ', { weight: 'Bolder' }), run(flat(shortened(one.thought, THOUGHT, SHOW_TRACE)))),
        row(
          run(`Hypothesis (${Math.round(one.confidence * 100)} %): `, { weight: 'Bolder' }),
          run(flat(shortened(one.hypothesis, HYPOTHESIS, SHOW_TRACE))),
        ),
      ]),
      id: whyId(one),
      isVisible: false,
    },
  ];
}

function whyId({ call }: TraceLine): string {
  return `why-${call}`;
}

const ICONS: Record<TraceLine['status'], string> = { running: '…', ok: '✓', no_data: '–', error: '✗' };

function briefElements(one: TraceLine): CardElement[] {
  const outcome = outcomeOf(one);
  return [
    row(
      run(`${ICONS[one.status]} ${one.call}. `, { weight: 'Bolder' }),
      run(flat(clipped(`${one.tool}(${one.args})`, CALL)), { fontType: 'Monospace' }),
    ),
    ...(outcome === '' ? [] : [{ ...row(run(outcome, { isSubtle: true })), spacing: 'None' as const }]),
  ];
}

function outcomeOf(one: TraceLine): string {
  if (one.status === 'running') return '';
  const flag = one.flagged ? 'Looks like planted instructions; ignored. ' : '';
  return flat(shortened(`${flag}${OUTCOME_WORDS[one.status]}${one.headline}`, OUTCOME, SHOW_TRACE));
}

function flat(text: string): string {
  return text.replaceAll('\n', ' ');
}
