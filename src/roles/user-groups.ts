import type { LoadedPolicy } from '../approve/policy.js';
import { canonicalJson } from '../domain/canonical.js';
import {
  applyDirectory,
  DIRECTORY_SUBJECT,
  type Directory,
  NOTHING_TOLD,
  slackGroupsIn,
  type ToldDirectory,
  withMembers,
} from '../domain/directory.js';
import { AppError, asAppError } from '../domain/errors.js';
import type { NewEvent } from '../domain/events.js';
import type { DecisionSigner, DecisionVerifier, EventLog, StoredEntry } from '../domain/ports.js';
import { directoryStatement } from '../domain/sealed-statement.js';
import type { ProcessLog } from '../log.js';
import type { Time } from './system-time.js';

/** Addresses of the members of one Slack user group. @throws AppError `not_found` when there is no such group (any more). */
export type MembersOf = (group: string) => Promise<readonly string[]>;

export interface UserGroupsDeps {
  log: EventLog;
  /** The policy as its file says. */
  policy: () => LoadedPolicy;
  /** Undefined while no chat is connected: then a group stands for whom the log last knew in it, for a while. */
  membersOf: MembersOf | undefined;
  time: Time;
  /** Signs what is written down, and knows what it signed: anything else in the log about user groups is not believed. */
  signer: DecisionSigner;
  processLog: ProcessLog;
}

/** Keeps what the log knows of the chats' user groups at what the chats say. Rights are judged by the log's word alone. */
export interface UserGroups {
  /** The policy with the members in force; its digest is that of the file. */
  policy(): LoadedPolicy;
  /** Entries of the log as they come; those seen before are passed over. */
  apply(entries: readonly StoredEntry[]): void;
  /** Asks the chat unless it said so less than `maxAgeMs` ago, and records what changed. Never throws, and waits a few seconds at most. */
  freshen(maxAgeMs: number): Promise<void>;
  /** Until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const ASK_EVERY_MS = 60_000;
const LOOK_EVERY_MS = 5000;
/** After an ask that not every group was answered in; a chat that is down is not asked at each click. */
const AGAIN_AFTER_MS = 5000;
/** Before a click is judged. */
export const FRESH_MS = 30_000;
/** A click waits no longer than this for the chat. */
const WAIT_MS = 3000;
/** A chat that does not answer is believed this long; then its groups are nobody, also for the repairer, until it answers. */
const BELIEVED_MS = 15 * 60_000;
const ATTEMPTS = 8;

export async function createUserGroups(deps: UserGroupsDeps): Promise<UserGroups> {
  const { time } = deps;
  const stored = await deps.log.read(DIRECTORY_SUBJECT);
  const state: State = {
    told: NOTHING_TOLD,
    seen: -1,
    askedAt: Number.NEGATIVE_INFINITY,
    asked: '',
    againAt: undefined,
    confirmedAt: new Map(),
    heard: new Map(),
    startedAt: time.clock.now().getTime(),
  };
  applyAll(deps.signer, state, stored);
  let asking: Promise<void> | undefined;
  const ask = (): Promise<void> => {
    asking ??= bringUpToDate(deps, state)
      .catch((error: unknown) => deps.processLog.warn({ error }, 'user groups'))
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
  return {
    policy() {
      const { policy, digest } = deps.policy();
      return { policy: withMembers(policy, confirmed(state)), digest };
    },
    apply: (entries) => applyAll(deps.signer, state, entries),
    async freshen(maxAgeMs) {
      if (!isDue(deps, state, maxAgeMs)) return;
      const waiting = new AbortController();
      await Promise.race([ask(), time.sleep(WAIT_MS, waiting.signal)]);
      waiting.abort();
    },
    async run(signal) {
      while (!signal.aborted) {
        if (isDue(deps, state, ASK_EVERY_MS)) await ask();
        await time.sleep(LOOK_EVERY_MS, signal);
      }
    },
  };
}

interface LogsWord {
  told: ToldDirectory;
  /** Index of the newest entry that was looked at. */
  seen: number;
}

interface State extends LogsWord {
  /** When all groups were last asked for (ms), and which. */
  askedAt: number;
  asked: string;
  /** When to ask again whatever the age of the answer (ms); set while some group was not answered. */
  againAt: number | undefined;
  /** When the chat last answered for a group (ms). */
  confirmedAt: Map<string, number>;
  /** Whom it named then, to this process. */
  heard: Map<string, ReadonlySet<string>>;
  startedAt: number;
}

function isDue({ policy, membersOf, time }: UserGroupsDeps, state: State, maxAgeMs: number): boolean {
  const groups = slackGroupsIn(policy().policy);
  if (membersOf === undefined || groups.length === 0) return false;
  const now = time.clock.now().getTime();
  if (state.againAt !== undefined) return now >= state.againAt;
  return now - state.askedAt > maxAgeMs || state.asked !== groups.join();
}

/**
 * The log's word, less whom the chat did not name to this process: whom it stopped naming is out at once, also when that can not be
 * written down now, or when another web process wrote down what it had heard before.
 */
function confirmed({ told: { directory }, heard }: State): Directory | undefined {
  if (directory?.slack === undefined) return directory;
  const groups = Object.entries(directory.slack).map(([group, members]) => {
    const named = heard.get(group);
    return [group, named === undefined ? members : members.filter((member) => named.has(member))] as const;
  });
  return { ...directory, slack: Object.fromEntries(groups) };
}

/** Signatures are checked once for each entry, however often and from however far back it is read. */
function applyAll(verifier: DecisionVerifier, word: LogsWord, entries: readonly StoredEntry[]): void {
  for (const stored of entries) {
    if (stored.index <= word.seen) continue;
    word.told = applyDirectory(word.told, stored, verifier);
    word.seen = stored.index;
  }
}

async function bringUpToDate(deps: UserGroupsDeps, state: State): Promise<void> {
  const { membersOf, time } = deps;
  if (membersOf === undefined) return;
  const wanted = slackGroupsIn(deps.policy().policy);
  const startedAt = time.clock.now().getTime();
  const found = await Promise.all(wanted.map((group) => membersNow(deps, membersOf, state, group)));
  const groups = Object.fromEntries(found.flatMap(({ group, members }) => (members ? [[group, [...members]]] : [])));
  // Nothing asked for and nothing known is no news: the chat may only just be coming up.
  const silent = state.told.directory?.slack === undefined && found.every(({ answered }) => !answered);
  if (!silent) await recordDirectory(deps, state, groups);
  state.askedAt = startedAt;
  state.asked = wanted.join();
  state.againAt = found.every(({ answered }) => answered) ? undefined : startedAt + AGAIN_AFTER_MS;
}

interface Asked {
  group: string;
  /** Undefined stands for nobody: the group is gone, or the chat has not answered for too long. */
  members: readonly string[] | undefined;
  answered: boolean;
}

async function membersNow(
  { time, processLog }: UserGroupsDeps,
  membersOf: MembersOf,
  state: State,
  group: string,
): Promise<Asked> {
  const now = time.clock.now().getTime();
  try {
    const members = await membersOf(group);
    state.confirmedAt.set(group, now);
    const known = [...new Set(members)].filter((member) => member !== '' && member.length <= 250).sort();
    state.heard.set(group, new Set(known));
    return { group, members: known, answered: true };
  } catch (error) {
    const { kind } = asAppError(error);
    processLog.warn({ group, kind }, 'user group');
    if (kind === 'not_found') {
      state.heard.set(group, new Set());
      return { group, members: undefined, answered: true };
    }
    const believed = now - (state.confirmedAt.get(group) ?? state.startedAt) <= BELIEVED_MS;
    return { group, members: believed ? confirmed(state)?.slack?.[group] : undefined, answered: false };
  }
}

/** Writes only what differs from the newest entry, which another web process may have written. */
async function recordDirectory(deps: UserGroupsDeps, state: State, groups: Record<string, string[]>): Promise<void> {
  const { log, signer, processLog } = deps;
  const isKnown = ({ told: { directory } }: State): boolean =>
    directory?.slack !== undefined && canonicalJson(directory.slack) === canonicalJson(groups);
  if (isKnown(state)) return;
  const actor = { kind: 'system' as const, id: 'directory', role: 'web' };
  const said = { source: 'slack' as const, groups };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stored = await log.read(DIRECTORY_SUBJECT);
    applyAll(deps.signer, state, stored);
    if (isKnown(state)) return;
    // Signed for the one position at which it can be stored: the append is refused at any other.
    const seal = signer.sign(directoryStatement(stored.length + 1, said));
    const event: NewEvent = { type: 'directory.loaded', data: { ...said, seal }, actor };
    try {
      const appended = await log.append(DIRECTORY_SUBJECT, stored.length, [event]);
      applyAll(deps.signer, state, appended.entries);
      processLog.info({ groups: Object.keys(groups).length }, 'user groups changed');
      return;
    } catch (error) {
      if (!(error instanceof AppError && error.kind === 'conflict')) throw error;
    }
  }
}

/**
 * The policy with the members that the log knows at this moment, for roles that ask no chat. Where none was ever recorded under a good
 * seal, a user group is nobody.
 */
export function policyByTheLog(
  load: () => LoadedPolicy,
  log: Pick<EventLog, 'read'>,
  verifier: DecisionVerifier,
): () => Promise<LoadedPolicy> {
  const word: LogsWord = { told: NOTHING_TOLD, seen: -1 };
  return async () => {
    const { policy, digest } = load();
    if (slackGroupsIn(policy).length === 0) return { policy, digest };
    applyAll(verifier, word, await log.read(DIRECTORY_SUBJECT));
    return { policy: withMembers(policy, word.told.directory), digest };
  };
}
