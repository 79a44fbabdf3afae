import type { Gate } from '../approve/gate.js';
import { waitsFor } from '../domain/approval.js';
import { askWrite, questionIdOf } from '../domain/ask.js';
import { sha256Hex } from '../domain/canonical.js';
import type { IncidentSummary } from '../domain/card.js';
import type { Person } from '../domain/decision.js';
import { AppError } from '../domain/errors.js';
import type { Actor } from '../domain/events.js';
import { foldIncident } from '../domain/incident.js';
import { transact } from '../domain/ledger.js';
import type { Policy } from '../domain/policy.js';
import type {
  AskAnswer,
  ChatBackend,
  Clock,
  DecisionVerifier,
  EventLog,
  LogState,
  ObservationStore,
  Redactor,
} from '../domain/ports.js';
import { withSealedVotes } from '../domain/sealed-votes.js';
import type { Accepted, Intake } from '../intake/intake.js';
import type { IncidentBoard } from '../views/board.js';
import { digestOfStretch } from '../views/digest.js';
import { threadOf } from '../views/thread.js';

export interface ChatBackendDeps {
  log: EventLog;
  board: Pick<IncidentBoard, 'get' | 'list'>;
  gate: Pick<Gate, 'decide' | 'preview'>;
  intake: Pick<Intake, 'accept'>;
  observations: Pick<ObservationStore, 'get'>;
  /** The policy of now, with the members of the chats' user groups in it. */
  policy: () => { policy: Policy };
  /** Brings what is known of user groups up to date before a click is judged or foretold; never throws, and is soon done. */
  freshMembers?: () => Promise<void>;
  /** Tells whose votes count: every role can write one into the log. */
  votes: DecisionVerifier;
  redactor: Redactor;
  clock: Clock;
  logState: () => Promise<LogState>;
}

const NOTE_LIMIT = 4000;
const DAY_MS = 24 * 3600_000;

/** What all chats may ask of the core, in one place: projections of the log, the gate, notes, questions, intake. */
export function createChatBackend(deps: ChatBackendDeps): ChatBackend {
  const { board, gate, clock } = deps;
  return {
    list: (filter) => board.list(filter),
    async thread(id) {
      // A link may be followed the moment its alert was accepted, before the board has heard of it.
      const incident = board.get(id) ?? foldIncident(await deps.log.read(id));
      if (incident === undefined) return undefined;
      return threadOf(withSealedVotes(incident, deps.votes), { policy: deps.policy().policy, now: clock.now() });
    },
    observation: (digest) => deps.observations.get(digest),
    async decide(click) {
      await deps.freshMembers?.();
      return gate.decide(click);
    },
    async preview(click) {
      await deps.freshMembers?.();
      return gate.preview(click);
    },
    note: (id, by, text, ref) => addNote(deps, id, by, text, ref),
    ask: (id, by, text, grant, ref) => ask(deps, id, by, text, grant, ref),
    investigate: (alert, by, pointedBy) =>
      deps.intake.accept(alert, by).then((accepted) => told(deps, accepted, { by, pointedBy }, alert.fingerprint)),
    waitingFor: (person) => waitingFor(deps, person),
    digest(days) {
      const to = clock.now();
      const from = new Date(to.getTime() - days * DAY_MS);
      return digestOfStretch(
        board.list().flatMap(({ incident }) => board.get(incident) ?? []),
        { from, to },
      );
    },
    logState: deps.logState,
  };
}

function actorOf(by: Person): Actor {
  return { kind: 'person', id: by.id, role: 'web' };
}

function notThere(id: string): AppError {
  return new AppError('not_found', { safeText: `There is no incident ${id}.` });
}

/** Written once for each `ref`, whoever delivers it and however often; without one, each call is a note of its own. */
async function addNote(deps: ChatBackendDeps, id: string, by: Person, text: string, ref?: string): Promise<void> {
  const clean = deps.redactor.redact(text, id).text.trim().slice(0, NOTE_LIMIT);
  if (clean === '') throw new AppError('invalid_input', { field: 'text', safeText: 'The note is empty.' });
  const cause = ref === undefined ? {} : { causationId: `note-${sha256Hex(`${by.via} ${ref}`).slice(0, 40)}` };
  await transact(deps.log, id, (incident, stored) => {
    if (incident === undefined) throw notThere(id);
    if (ref !== undefined && stored.some(({ entry }) => entry.causationId === cause.causationId))
      return { events: [], result: undefined };
    return {
      events: [{ type: 'note.added', data: { by, text: clean }, actor: actorOf(by), ...cause }],
      result: undefined,
    };
  });
}

/** Asked once for each `ref`: delivered again it is `known`. A grant is a right, so it is judged by the policy with its members. */
async function ask(
  deps: ChatBackendDeps,
  id: string,
  by: Person,
  text: string,
  grant: number,
  ref: string,
): Promise<AskAnswer> {
  if (grant > 0) await deps.freshMembers?.();
  const asking = {
    questionId: questionIdOf(id, `${by.via} ${ref}`),
    by,
    text: deps.redactor.redact(text, id).text,
    grant,
    policy: deps.policy().policy,
  };
  const { result } = await transact(deps.log, id, (incident) => {
    if (incident === undefined) throw notThere(id);
    return askWrite(incident, asking);
  });
  return result;
}

/** What became of the alert, said to the person who pointed at it. */
async function told(
  deps: ChatBackendDeps,
  { incident, outcome, because }: Accepted,
  { by, pointedBy }: { by: Person | undefined; pointedBy: Person | undefined },
  fingerprint: string,
): Promise<{ incident: string | undefined; text: string }> {
  if (incident !== undefined && by === undefined && pointedBy !== undefined) {
    const text = outcome === 'opened' ? 'Asked for an investigation of this alert.' : 'Pointed at this alert again.';
    await addNote(deps, incident, pointedBy, text, `investigate ${fingerprint} ${pointedBy.id}`);
  }
  switch (outcome) {
    case 'opened': {
      const own = by === undefined ? '' : ' It rests on your words, so somebody else must approve its repair.';
      return { incident, text: `${incident} is opened, and its investigation is about to start.${own}` };
    }
    case 'joined':
      return { incident, text: `${incident} is open for this already: ${JOINED[because ?? 'same_fingerprint']}.` };
    case 'resolve_recorded':
      return { incident, text: `This says that the alert of ${incident} is over. It was noted there.` };
    case 'ignored':
      return { incident, text: 'This says that an alert is over, and no incident is open for it. Nothing was opened.' };
  }
}

const JOINED: Record<NonNullable<Accepted['because']>, string> = {
  same_fingerprint: 'it is the same alert, and was counted there',
  same_root: 'it is about the same pipeline or one behind it, and was added there',
  downstream_of_root: 'it is about a pipeline that depends on the one that failed, and was added there',
};

function waitingFor({ board, policy: ofNow, votes, clock }: ChatBackendDeps, person: string): IncidentSummary[] {
  const now = clock.now();
  // Once, as what is known of a policy's lists is kept by the policy.
  const { policy } = ofNow();
  return board.list({ status: 'awaiting_decision' }).filter((summary) => {
    const incident = board.get(summary.incident);
    return incident !== undefined && waitsFor(policy, withSealedVotes(incident, votes), person, now);
  });
}
