import type { Card, Thread } from '../../../src/domain/card.js';
import type { ChatMessage, Place } from '../../../src/domain/chat.js';

/** What the scripted platform shows as one message. */
export interface Words {
  text: string;
  /** Version of the incident it was made of. */
  version: number;
  form: 'rich' | 'plain';
}

export interface CardSketch {
  id: string;
  text: string;
  /** Somebody must decide on it now. */
  live?: boolean;
}

/** A thread in a few words; what delivery does not look at is left out of them. */
export interface ThreadSketch {
  incident: string;
  version: number;
  headline: string;
  trace?: string;
  cards?: CardSketch[];
  finished?: boolean;
  channel?: string;
  at?: string;
}

export function threadFrom(sketch: ThreadSketch): Thread {
  const { incident, version, headline, trace, cards = [], finished = false } = sketch;
  const at = sketch.at ?? '2026-05-04T10:00:00.000Z';
  return {
    incident,
    version,
    summary: {
      ...{ incident, title: headline, status: 'open', statusText: '', tone: 'neutral', severity: 'low' },
      ...{ pipeline: 'p', owner: sketch.channel ?? 'C1', openedAt: at, lastAt: at, alerts: 1, toolCalls: 0 },
      ...{ minutes: undefined, costUsd: 0, finished },
    },
    headline: cardFrom({ id: 'headline', text: headline }),
    trace:
      trace === undefined
        ? []
        : [
            {
              ...{ call: 1, at, tool: 't', args: '', thought: trace, hypothesis: '', confidence: 1, status: 'ok' },
              ...{ headline: trace, flagged: false },
            },
          ],
    cards: cards.map(cardFrom),
    notes: [],
    questions: [],
    calls: [],
  };
}

function cardFrom({ id, text, live = false }: CardSketch): Card {
  const approve = { verdict: 'approve', label: 'Approve', style: 'primary' } as const;
  return { id, title: text, tone: 'neutral', sections: [], actions: live ? [approve] : [] };
}

/** Headline, trace, cards: as every chat orders them. */
export function wordsOf(thread: Thread, _place: Place): ChatMessage<Words>[] {
  const words = (key: string, urgency: ChatMessage['urgency'], text: string): ChatMessage<Words> => {
    const body = { text, version: thread.version, form: 'rich' } as const;
    return { key, urgency, digest: text, body, plain: { ...body, form: 'plain' } };
  };
  return [
    words('headline', 'state', thread.headline.title),
    ...thread.trace.map((line) => words('trace-1', 'progress', line.headline)),
    ...thread.cards.map((card) => words(`card-${card.id}`, card.actions.length > 0 ? 'decision' : 'state', card.title)),
  ];
}
