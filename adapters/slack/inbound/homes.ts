import type { HomeView } from '@slack/types';
import { slackCode, slackError } from '../errors.js';
import { type HomeArgs, homeView } from '../home.js';
import { sayReply } from '../replies.js';
import { linksTo, type SlackAppDeps } from './context.js';
import { NOT_FOR_YOU } from './texts.js';

/** The App Homes of who looked at theirs within the last day. */
export interface Homes {
  /** Somebody looks now. @throws AppError when it may be tried again. */
  opened(user: string, hash: string | undefined): Promise<void>;
  /** Something was decided or has changed: each of them is brought up to date, at most once in thirty seconds. */
  changed(): void;
  stop(): void;
}

const LOOKED_MS = 24 * 3600 * 1000;
const PACE_MS = 30_000;
const MOST = 200;
const WEEK_DAYS = 7;

const CLOSED: HomeView = { type: 'home', blocks: sayReply(NOT_FOR_YOU).blocks ?? [] };

interface Looker {
  lookedAt: number;
  publishedAt: number;
  hash: string | undefined;
}

type HomesDeps = Pick<SlackAppDeps, 'backend' | 'client' | 'identity' | 'clock' | 'processLog' | 'threadLinks'>;

export function createHomes(deps: HomesDeps): Homes {
  const lookers = new Map<string, Looker>();
  let due: NodeJS.Timeout | undefined;
  const now = (): number => deps.clock.now().getTime();
  const underWay = new Map<string, Promise<void>>();

  /** One after the other: what is rendered later must not be overtaken by what is older. */
  const inTurn = (user: string, looker: Looker): Promise<void> => {
    const before = underWay.get(user) ?? Promise.resolve();
    const published = before.catch(() => undefined).then(() => publish(deps, user, looker));
    underWay.set(user, published);
    const done = (): void => {
      if (underWay.get(user) === published) underWay.delete(user);
    };
    published.then(done, done);
    return published;
  };

  const refresh = async (): Promise<void> => {
    due = undefined;
    for (const [user, looker] of [...lookers]) {
      if (now() - looker.lookedAt > LOOKED_MS) lookers.delete(user);
      else if (now() - looker.publishedAt < PACE_MS) plan();
      else await inTurn(user, looker).catch((error: unknown) => deps.processLog.info({ error }, 'a home is as it was'));
    }
  };
  const plan = (): void => {
    if (lookers.size === 0) return;
    const waits = [...lookers.values()].map(({ publishedAt }) => publishedAt + PACE_MS - now());
    due ??= setTimeout(() => void refresh(), Math.min(Math.max(Math.min(...waits), 0), PACE_MS)).unref();
  };
  return {
    async opened(user, hash) {
      const looker = { lookedAt: now(), publishedAt: 0, hash };
      lookers.delete(user);
      lookers.set(user, looker);
      const [oldest] = lookers.keys();
      if (lookers.size > MOST && oldest !== undefined) lookers.delete(oldest);
      await inTurn(user, looker);
    },
    changed: plan,
    stop() {
      clearTimeout(due);
      lookers.clear();
    },
  };
}

async function homeOf(deps: HomesDeps, person: string): Promise<HomeView> {
  const { backend, clock } = deps;
  const read = (): Pick<HomeArgs, 'waiting' | 'open'> => ({
    waiting: backend.waitingFor(person),
    open: backend.list({ status: 'open' }),
  });
  const { waiting, open } = read();
  const linkTo = await linksTo(deps, waiting, open);
  // Read once more: what was decided while the links were looked up would stand there as open for half a minute.
  return homeView({
    person,
    ...read(),
    digest: backend.digest(WEEK_DAYS),
    now: clock.now(),
    ...(linkTo === undefined ? {} : { linkTo }),
  });
}

async function publish(deps: HomesDeps, user: string, looker: Looker): Promise<void> {
  const { client, identity, clock } = deps;
  const person = await identity.personOf(user);
  // Guests and people of other companies may open it too: what is in the channels of others is not for them.
  const view = person === undefined ? CLOSED : await homeOf(deps, person.id);
  looker.publishedAt = clock.now().getTime();
  const call = async (hash: string | undefined): Promise<void> => {
    const published = await client.views.publish({ user_id: user, view, ...(hash === undefined ? {} : { hash }) });
    looker.hash = published.view?.hash;
  };
  try {
    await call(looker.hash);
  } catch (thrown) {
    // Another window has published meanwhile; what is known now is newer than that.
    if (slackCode(thrown) !== 'hash_conflict') throw slackError(thrown);
    await call(undefined).catch((again: unknown) => {
      throw slackError(again);
    });
  }
}
