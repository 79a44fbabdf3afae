import type { SlackServer } from '../slack/server-types.js';
import { type Arrival, percentile, type Rate, waits } from './bound.js';
import { standing } from './check.js';
import type { Gesture } from './people.js';
import type { Happened } from './story.js';

/** What a storm left behind. */
export interface StormRecord {
  /** Number of incidents. */
  count: number;
  /** How many times as fast as the wall Slack's clock ran. */
  speed: number;
  /** Minutes of Slack's clock until all of it was shown. */
  minutes: number;
  slack: SlackServer;
  happened: Happened;
  gestures: readonly Gesture[];
  /** Calls that Slack refused as too many though the app could have heard that it has to stop. */
  refusedAfterStop: number;
}

/** A change that somebody waits for: when it happened and how long until it showed, in ms of Slack's clock. */
interface Visible extends Arrival {
  waited: number;
}

/** From the event to the message that first shows it, in seconds of Slack's clock, beside what the limits alone cost. */
export function reportLines(storm: StormRecord): string[] {
  const { count, speed, minutes, slack, gestures } = storm;
  const posts = newMessages(storm);
  const edits = decidedCards(storm);
  const acks = slack.deliveries
    .filter(({ kind, outcome }) => kind !== 'event' && outcome === 'ok')
    .map(({ ms }) => ms / speed);
  const of = (values: number[], share: number): string => percentile(values, share).toFixed(1);
  const shown = secondsWaited(posts);
  const bound = secondsByLimits(posts, { perMinute: 60, burst: 5 });
  const edited = of(secondsWaited(edits), 0.95);
  const editBound = of(secondsByLimits(edits, { perMinute: 50, burst: 50 }), 0.95);
  return [
    `${count} incidents over 5 channels: all shown after ${minutes.toFixed(1)} min of Slack's clock, ${slack.record.length} calls`,
    `faults that struck: ${JSON.stringify(slack.faults.struck)}`,
    `refused as too many: ${slack.limits.rejected} calls, ${storm.refusedAfterStop} of them after a stop that the app could have heard`,
    `event to new message: p50 ${of(shown, 0.5)} s, p95 ${of(shown, 0.95)} s; by the limits alone p50 ${of(bound, 0.5)} s, p95 ${of(bound, 0.95)} s`,
    `decision to edited card: p95 ${edited} s; by the limits alone p95 ${editBound} s`,
    `click to acknowledgement: ${acks.length} clicks, p50 ${of(acks, 0.5)} ms, p99 ${of(acks, 0.99)} ms`,
    `gestures ${gestures.length}, answered ${gestures.filter(({ told }) => told !== undefined).length}, repeated by people during the restart ${gestures.filter(({ refused }) => refused > 0).length}`,
  ];
}

const secondsWaited = (changes: readonly Visible[]): number[] => changes.map(({ waited }) => waited / 1000);
const secondsByLimits = (changes: readonly Visible[], rate: Rate): number[] =>
  waits(changes, rate).map((ms) => ms / 1000);

/** The event that each new message is the first to show, by the message's key. */
const FIRST_EVENT: Record<string, string> = {
  headline: 'incident.opened',
  'trace-1': 'tool.called',
  'card-diagnosis': 'diagnosis.made',
  'card-proposal-1': 'proposal.made',
  'card-repair': 'repair.started',
  'card-verification': 'repair.finished',
  'card-outcome': 'incident.resolved',
};

function newMessages({ slack, happened }: StormRecord): Visible[] {
  return [...standing(slack)].flatMap(([incident, stands]) =>
    stands.flatMap(({ key, channel, message }) => {
      const at = happened.get(`${incident} ${FIRST_EVENT[key] ?? 'none'}`);
      return at === undefined ? [] : [{ at, lane: channel, waited: Math.max(0, Number(message.ts) * 1000 - at) }];
    }),
  );
}

/** The first edit of a card after its decision. */
function decidedCards({ slack, happened }: StormRecord): Visible[] {
  return [...standing(slack)].flatMap(([incident, stands]) => {
    const at = happened.get(`${incident} decision.recorded`);
    const card = stands.find(({ key }) => key === 'card-proposal-1');
    if (at === undefined || card === undefined) return [];
    const edit = slack.record.find(
      (call) => call.method === 'chat.update' && call.at >= at && call.args['ts'] === card.message.ts,
    );
    return edit === undefined ? [] : [{ at, lane: 'workspace', waited: edit.at - at }];
  });
}
