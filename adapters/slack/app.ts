import type { Router } from 'express';
import { createAnswers } from './inbound/answers.js';
import type { Inbound, SlackAppDeps } from './inbound/context.js';
import { createHomes } from './inbound/homes.js';
import type { ChatJob } from './inbound/job.js';
import { createReceiving } from './inbound/receivers.js';
import { giveUp, work } from './inbound/work.js';

/** Everything that comes from Slack: what people click, write and ask. What goes there is `createDelivery` with `platform.ts`. */
export interface SlackApp {
  /** With a signing secret: mount it at `/slack`, before any body parser. */
  router?: Router;
  /** Opens the Socket Mode connection; nothing over HTTP. @throws when Slack refuses the app token. */
  start(): Promise<void>;
  /** Takes nothing new, and waits a little for answers under way. */
  stop(): Promise<void>;
  /** One job of the chat's inbox; may run more than once for one job. @throws AppError that the queue tries again. */
  handle(job: ChatJob): Promise<void>;
  /** The queue has given the job up. */
  givenUp(job: ChatJob, error: Error): Promise<void>;
  /** Something has changed in some incident: App Homes that are being looked at follow. */
  changed(): void;
}

const LAST_ANSWERS_MS = 3000;

export function createSlackApp(deps: SlackAppDeps): SlackApp {
  const running = new Set<Promise<void>>();
  const inbound: Inbound = {
    ...deps,
    answers: createAnswers({ client: deps.client, apiUrl: deps.apiUrl, processLog: deps.processLog }),
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
  const homes = createHomes(deps);
  const receiving = createReceiving(inbound);
  return {
    ...(receiving.router === undefined ? {} : { router: receiving.router }),
    start: () => receiving.start(),
    async stop() {
      await receiving.stop();
      homes.stop();
      const late = new Promise((resolve) => setTimeout(resolve, LAST_ANSWERS_MS).unref());
      await Promise.race([Promise.allSettled(running), late]);
    },
    handle: (job) => work(inbound, homes, job),
    givenUp: (job, error) => giveUp(inbound, job, error),
    changed: () => homes.changed(),
  };
}
