import type { WebClient } from '@slack/web-api';
import type { ReadingContext } from '../../../src/domain/alert-reading.js';
import type { KnownNames } from '../../../src/domain/alert-subject.js';
import type { IncidentSummary } from '../../../src/domain/card.js';
import type { DeliveryStore } from '../../../src/domain/chat.js';
import type { ChatBackend, Clock, OnceStore } from '../../../src/domain/ports.js';
import type { ProcessLog } from '../../../src/log.js';
import type { LinkTo } from '../home.js';
import type { SlackIdentity } from '../identity.js';
import type { ThreadLinks } from '../thread-links.js';
import type { Answers } from './answers.js';
import type { ChatInbox } from './job.js';

export interface SlackAppDeps {
  backend: ChatBackend;
  client: WebClient;
  /** Who a Slack user is, asked at each click. Undefined: nobody that the policy could name. @throws AppError when Slack can not say. */
  identity: Pick<SlackIdentity, 'personOf'>;
  inbox: ChatInbox;
  once: OnceStore;
  store: Pick<DeliveryStore, 'incidentAt'>;
  /** For HTTP. */
  signingSecret?: string;
  /** For Socket Mode, which is used when this is given. */
  appToken?: string;
  /** Another server than slack.com that speaks the Web API, for tests. */
  apiUrl?: string;
  bot: { botId: string; botUserId: string; teamId: string; appId?: string };
  threadLinks?: ThreadLinks;
  /** How far Slack is behind the log and why, one sentence each. */
  deliveries?: () => Promise<readonly string[]>;
  /** Names of the inventory, which people write without saying what they are. */
  names?: () => KnownNames;
  clock: Clock;
  processLog: ProcessLog;
  /** Most tool calls one person may grant to one question, under the policy of now. */
  maxGrant: () => number;
}

/** What the listeners and the worker share. */
export interface Inbound extends SlackAppDeps {
  answers: Answers;
  /** Work that nobody waits for but the end of the process; its failure is logged. */
  background(work: Promise<unknown>): void;
}

/** For reading an alert out of what a person wrote or pointed at, now. */
export function readingContext({ names, clock }: Pick<SlackAppDeps, 'names' | 'clock'>): ReadingContext {
  const known = names?.();
  return { receivedAt: clock.now(), ...(known === undefined ? {} : { known }) };
}

/** More than any list shows. */
const LINKED = 25;

/** Leads to the threads of the first of these; to none where that is not known. */
export async function linksTo(
  { threadLinks }: Pick<SlackAppDeps, 'threadLinks'>,
  ...lists: (readonly IncidentSummary[])[]
): Promise<LinkTo | undefined> {
  return threadLinks?.(lists.flatMap((list) => list.slice(0, LINKED).map(({ incident }) => incident)));
}
