import express, { type Request, type Response, type Router } from 'express';
import { createAnswers } from './inbound/answers.js';
import type { Inbound, TeamsAppDeps } from './inbound/context.js';
import { createDispatch } from './inbound/dispatch.js';
import type { TeamsJob } from './inbound/job.js';
import { createWaiting } from './inbound/waiting.js';
import { createWaitingCards } from './inbound/waiting-cards.js';
import { giveUp, work } from './inbound/work.js';
import { endOfErrors, requestGuard } from './request-guard.js';

export type { TeamsAppDeps } from './inbound/context.js';

/** Everything that comes from Teams: what people click, write and ask. What goes there is `createDelivery` with `platform.ts`. */
export interface TeamsApp {
  /** `POST /messages`: mount it at `/teams`, before any body parser. */
  router: Router;
  start(): Promise<void>;
  /** Waits a little for answers under way. */
  stop(): Promise<void>;
  /** One job of the chat's inbox; may run more than once for one job. @throws AppError that the queue tries again. */
  handle(job: TeamsJob): Promise<void>;
  /** The queue has given the job up. */
  givenUp(job: TeamsJob, error: Error): Promise<void>;
  /** Something has changed in some incident: what waits for whoever asked for it follows. */
  changed(): void;
}

const LAST_ANSWERS_MS = 3000;
const MOST_BYTES = 1_000_000;

export function createTeamsApp(deps: TeamsAppDeps): TeamsApp {
  const running = new Set<Promise<void>>();
  const inbound: Inbound = {
    ...deps,
    answers: createAnswers(deps),
    waiting: createWaiting(deps),
    waitingCards: createWaitingCards(deps),
    background(task) {
      const tracked = task
        .then(
          () => undefined,
          (error: unknown) => deps.processLog.warn({ error }, 'an answer to a person failed'),
        )
        .finally(() => running.delete(tracked));
      running.add(tracked);
    },
  };
  const dispatch = createDispatch(inbound);
  const router = express.Router();
  router.post(
    '/messages',
    requestGuard(deps.settings, deps.processLog),
    express.json({ limit: MOST_BYTES, type: 'application/json' }),
    (request: Request, response: Response) => deps.bot.process(request, response, dispatch),
    endOfErrors(deps.processLog),
  );
  return {
    router,
    start: async () => undefined,
    async stop() {
      inbound.waitingCards.stop();
      const late = new Promise((resolve) => setTimeout(resolve, LAST_ANSWERS_MS).unref());
      await Promise.race([Promise.allSettled(running), late]);
    },
    handle: (job) => work(inbound, job),
    givenUp: (job, error) => giveUp(inbound, job, error),
    changed: () => inbound.waitingCards.changed(),
  };
}
