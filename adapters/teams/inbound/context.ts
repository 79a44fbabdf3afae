import type { KnownNames } from '../../../src/domain/alert-subject.js';
import type { DeliveryStore } from '../../../src/domain/chat.js';
import type { ChatBackend, Clock, OnceStore } from '../../../src/domain/ports.js';
import type { ProcessLog } from '../../../src/log.js';
import type { BotAdapter } from '../bot-adapter.js';
import type { TeamsConnector } from '../connector.js';
import type { TeamsIdentity } from '../identity.js';
import type { TeamsReferences } from '../references.js';
import type { TeamsSettings } from '../settings.js';
import type { Answers } from './answers.js';
import type { TeamsInbox } from './job.js';
import type { Waiting } from './waiting.js';
import type { WaitingCards } from './waiting-cards.js';

export interface TeamsAppDeps {
  backend: ChatBackend;
  bot: Pick<BotAdapter, 'process'>;
  connector: Pick<TeamsConnector, 'send' | 'edit' | 'openChat'>;
  references: Pick<TeamsReferences, 'remember' | 'personalChat'>;
  /** Who somebody is, asked at each click. Undefined: nobody that the policy could name. @throws AppError when Teams can not say. */
  identity: TeamsIdentity;
  inbox: TeamsInbox;
  once: OnceStore;
  store: Pick<DeliveryStore, 'incidentAt' | 'of'>;
  settings: Pick<TeamsSettings, 'appId' | 'tenantId' | 'local'>;
  /** How far Teams is behind the log and why, one sentence each. */
  deliveries?: () => Promise<readonly string[]>;
  /** Names of the inventory, which people write without saying what they are. */
  names?: () => KnownNames;
  clock: Clock;
  processLog: ProcessLog;
  /** Most tool calls one person may grant to one question, under the policy of now. */
  maxGrant: () => number;
}

/** What the listeners and the worker share. */
export interface Inbound extends TeamsAppDeps {
  answers: Answers;
  waiting: Waiting;
  waitingCards: WaitingCards;
  /** Work that nobody waits for but the end of the process; its failure is logged. */
  background(work: Promise<unknown>): void;
}
