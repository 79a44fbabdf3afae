import { digestOf } from '../../../src/domain/canonical.js';
import type { Person } from '../../../src/domain/decision.js';
import type { ChatBackend, Clock } from '../../../src/domain/ports.js';
import type { ProcessLog } from '../../../src/log.js';
import type { TeamsBody } from '../body.js';
import type { TeamsConnector } from '../connector.js';
import { waitingCard } from '../home-card.js';
import type { TeamsIdentity } from '../identity.js';
import { messageOf, type Standing } from './answers.js';
import type { Where } from './job.js';

/** What waits for somebody, as it stands in their chat with us: kept up to date for who asked within the last day. */
export interface WaitingCards {
  /** It was just told there; an earlier one of the same person stays as it is. */
  keep(told: { where: Where; standing: Standing; digest: string }): void;
  /** Something was decided or has changed: each is brought up to date, at most once in thirty seconds. */
  changed(): void;
  stop(): void;
}

interface WaitingDeps {
  backend: Pick<ChatBackend, 'waitingFor' | 'list' | 'digest'>;
  connector: Pick<TeamsConnector, 'edit'>;
  identity: TeamsIdentity;
  clock: Clock;
  processLog: ProcessLog;
  /** 30,000 ms. */
  paceMs?: number;
}

const KEPT_MS = 24 * 3600 * 1000;
const PACE_MS = 30_000;
const MOST = 200;
const WEEK_DAYS = 7;

interface Kept {
  where: Where;
  standing: Standing;
  /** Of what is shown. */
  digest: string;
  askedAt: number;
  editedAt: number;
}

export function createWaitingCards(deps: WaitingDeps): WaitingCards {
  const { paceMs = PACE_MS } = deps;
  const kept = new Map<string, Kept>();
  let due: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> = Promise.resolve();
  const now = (): number => deps.clock.now().getTime();

  const refresh = async (): Promise<void> => {
    for (const [user, one] of [...kept]) {
      if (now() - one.askedAt > KEPT_MS) kept.delete(user);
      else if (now() - one.editedAt < paceMs) plan();
      else if (!(await edited(deps, one).catch((error: unknown) => stays(deps, error)))) kept.delete(user);
    }
  };
  const plan = (): void => {
    if (kept.size === 0) return;
    const waits = [...kept.values()].map(({ editedAt }) => editedAt + paceMs - now());
    const wait = Math.min(Math.max(Math.min(...waits), 0), paceMs);
    due ??= setTimeout(() => {
      due = undefined;
      // One after the other: what is rendered later must not be overtaken by what is older.
      refreshing = refreshing.then(refresh);
    }, wait).unref();
  };
  return {
    keep({ where, standing, digest }) {
      kept.delete(where.user);
      kept.set(where.user, { where, standing, digest, askedAt: now(), editedAt: now() });
      const [oldest] = kept.keys();
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
    },
    changed: plan,
    stop() {
      clearTimeout(due);
      kept.clear();
    },
  };
}

/** What failed once may go well at the next change. */
function stays({ processLog }: WaitingDeps, error: unknown): true {
  processLog.info({ error }, 'what waits for somebody stands there as it was');
  return true;
}

/** False when nobody is to be shown it any more. */
async function edited(deps: WaitingDeps, one: Kept): Promise<boolean> {
  const person = await deps.identity.personOf(one.where);
  if (person === undefined) return false;
  const { body, digest } = waitingBody(deps, person);
  if (digest === one.digest) return true;
  one.editedAt = deps.clock.now().getTime();
  await deps.connector.edit(one.standing.conversation, one.standing.message, messageOf(body));
  one.digest = digest;
  return true;
}

/** `digest` is of all that is shown but the time. */
export function waitingBody(
  { backend, clock }: Pick<WaitingDeps, 'backend' | 'clock'>,
  { id: person }: Person,
): { body: TeamsBody; digest: string } {
  const shown = {
    person,
    waiting: backend.waitingFor(person),
    open: backend.list({ status: 'open' }),
    digest: backend.digest(WEEK_DAYS),
  };
  const at = (now: Date): TeamsBody => waitingCard({ ...shown, now });
  return { body: at(clock.now()), digest: digestOf({ ...at(new Date(0)) }) };
}
