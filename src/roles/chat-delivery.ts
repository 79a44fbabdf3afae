import type { RequestHandler } from 'express';
import { createDelivery, type Delivery, type Shown } from '../deliver/delivery.js';
import type { Thread } from '../domain/card.js';
import type { ChatPlatform, DeliveryStore, Place } from '../domain/chat.js';
import { AppError } from '../domain/errors.js';
import type { Policy } from '../domain/policy.js';
import type { ChatBackend } from '../domain/ports.js';
import { routeOf } from '../domain/routes.js';
import type { ProcessLog } from '../log.js';
import type { Time } from './system-time.js';

/** A chat as the web role has it: what people do there, and what they see there. Several run beside each other and know nothing of it. */
export interface Chat {
  /** How people call it. */
  name: 'Slack' | 'Teams';
  /** Mount the router here, before any body parser. */
  path: string;
  /** Answers 503 until the chat is connected, so that it sends again. */
  router: RequestHandler;
  /** Brings the thread up to date, soon; any number of times. */
  show(thread: Shown): Promise<void>;
  /**
   * Until the signal aborts. The chat being away stops nothing else of the role: it is tried again. `replayed` resolves when `show` was
   * called for all that is in the log: nothing is delivered before that, or what was over long ago would be told as if it went on.
   */
  run(backend: ChatBackend, signal: AbortSignal, replayed: Promise<void>): Promise<void>;
  /** Resolves when everything that was shown stands in the chat; only while this process delivers. */
  settled(incident?: string): Promise<void>;
}

/** Everything that comes from a chat. */
export interface ChatApp<Job> {
  router?: RequestHandler;
  /** @throws when the chat does not let it begin: it is tried again. */
  start(): Promise<void>;
  /** Takes nothing new, and waits a little for answers under way. */
  stop(): Promise<void>;
  handle(job: Job): Promise<void>;
  givenUp(job: Job, error: Error): Promise<void>;
  /** Something has changed in some incident. */
  changed(): void;
}

/** Where a chat's gestures wait, with the worker that works on them. */
export interface OpenInbox<Job> {
  put(job: Job, delayMs?: number): Promise<void>;
  close(): Promise<void>;
}

export type OpenInboxFor<Job> = (work: Pick<ChatApp<Job>, 'handle' | 'givenUp'>) => Promise<OpenInbox<Job>>;

/** What every chat needs of the role. */
export interface ChatRole<Job> {
  store: DeliveryStore;
  /** Opens the durable inbox and has its jobs worked on. */
  openInbox: OpenInboxFor<Job>;
  policy: () => { policy: Policy };
  time: Time;
  processLog: ProcessLog;
  /** Names this process among those that could deliver. */
  holder: string;
}

/** A chat that knows us. */
export interface ConnectedChat<Body, Job> {
  platform: ChatPlatform<Body>;
  /** The app needs the inbox to put into, and the inbox the app to work on it. */
  app(inbox: OpenInbox<Job>): ChatApp<Job>;
}

export interface ChatDeps<Body, Job> extends ChatRole<Job> {
  name: Chat['name'];
  path: string;
  /** Until the chat knows us; undefined when the signal aborted first. */
  connect(backend: ChatBackend, signal: AbortSignal): Promise<ConnectedChat<Body, Job> | undefined>;
  /** Said in the process log while `app.start` fails. */
  closed: string;
}

interface Live<Job> {
  app: ChatApp<Job>;
  delivery: Delivery;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;

export function createChat<Body, Job>(deps: ChatDeps<Body, Job>): Chat {
  /** Threads that changed before the chat knew us. */
  const early = new Map<string, Shown>();
  let live: Live<Job> | undefined;
  return {
    name: deps.name,
    path: deps.path,
    router(request, response, next) {
      if (live === undefined) response.status(503).end();
      else if (live.app.router === undefined) next();
      else live.app.router(request, response, next);
    },
    async show(thread) {
      if (live === undefined) early.set(thread.incident, outlineOf(thread));
      else {
        live.app.changed();
        await live.delivery.show(thread);
      }
    },
    async run(backend, signal, replayed) {
      const connected = await deps.connect(backend, signal);
      if (connected === undefined) return;
      const delivery = deliveryTo(deps, connected.platform, backend);
      const { app, inbox } = await openApp(deps, connected);
      live = { app, delivery };
      for (const thread of early.values()) await delivery.show(thread);
      early.clear();
      const starting = untilDone(deps, signal, deps.closed, () => app.start());
      await Promise.race([replayed, aborted(signal)]);
      await delivery.run(signal);
      await starting;
      await app.stop();
      await inbox.close();
    },
    settled: async (incident) => live?.delivery.settled(incident),
  };
}

/** Again and again, ever more slowly; undefined when the signal aborted first. */
export async function untilDone<T>(
  { time, processLog }: Pick<ChatRole<never>, 'time' | 'processLog'>,
  signal: AbortSignal,
  what: string,
  attempt: () => Promise<T>,
): Promise<T | undefined> {
  for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      processLog.warn({ error, wait }, what);
      await time.sleep(wait, signal);
    }
  }
  return undefined;
}

/** Of ten thousand threads that wait for the chat, what is needed of each and no more. */
function outlineOf({ incident, version, summary: { finished, lastAt } }: Shown): Shown {
  return { incident, version, summary: { finished, lastAt } };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function deliveryTo<Body, Job>(
  deps: ChatDeps<Body, Job>,
  platform: ChatPlatform<Body>,
  backend: ChatBackend,
): Delivery {
  const { store, policy, time, processLog, holder } = deps;
  return createDelivery({
    platform,
    store,
    threadOf: (incident) => backend.thread(incident),
    placeOf: (thread) => placeIn(platform.chat, policy().policy, thread),
    clock: time.clock,
    sleep: time.sleep,
    processLog: processLog.child({ chat: platform.chat }),
    holder,
  });
}

/** The routed channel; undefined for an incident that is not told in this chat. */
function placeIn(chat: 'slack' | 'teams', policy: Policy, { summary }: Thread): Place | undefined {
  const route = routeOf(policy, summary);
  const channel = route?.[chat];
  if (channel === undefined) return undefined;
  const notify = chat === 'slack' ? route?.notify : route?.notifyTeams;
  return { channel, ...(notify === undefined ? {} : { notify }) };
}

async function openApp<Body, Job>(
  deps: ChatDeps<Body, Job>,
  connected: ConnectedChat<Body, Job>,
): Promise<{ app: ChatApp<Job>; inbox: OpenInbox<Job> }> {
  let app: ChatApp<Job> | undefined;
  const ready = (): ChatApp<Job> => {
    if (app === undefined) throw new AppError('unavailable', { safeText: `${deps.name} is not connected yet.` });
    return app;
  };
  const inbox = await deps.openInbox({
    handle: async (job) => ready().handle(job),
    givenUp: async (job, error) => ready().givenUp(job, error),
  });
  app = connected.app(inbox);
  return { app, inbox };
}
