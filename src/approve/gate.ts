import { canonicalJson } from '../domain/canonical.js';
import { type Click, type ClickAnswer, type ClickPreview, NO_SEAL } from '../domain/decision.js';
import { AppError } from '../domain/errors.js';
import type { Entry } from '../domain/events.js';
import { foldIncident, type Incident, liveProposal } from '../domain/incident.js';
import { transact, type Write } from '../domain/ledger.js';
import { type Lineage, lineageOf } from '../domain/lineage.js';
import type { Inventory } from '../domain/pipeline.js';
import type { Policy } from '../domain/policy.js';
import type { Clock, DecisionSigner, EventLog, OnceStore, Redactor, StoredEntry } from '../domain/ports.js';
import { proposalDigest } from '../domain/proposal.js';
import { isSealedVote, withSealedVotes } from '../domain/sealed-votes.js';
import { answerOf, expiredBecause, tooLateText } from './answers.js';
import { modify } from './modify.js';
import { previewOf } from './preview.js';
import { allowedByPolicy, approve, hasRight, notExpired, reject, sameVersion } from './rules.js';
import { gestureOf, type Rule, type Situation, say } from './situation.js';

export interface GateDeps {
  log: EventLog;
  once: OnceStore;
  /** Asked at each click, so that an edited policy counts from the next click on. */
  policy: () => { policy: Policy; digest: string };
  signer: DecisionSigner;
  /** People type secrets into any box: their words are redacted before they are stored or shown. */
  redactor: Redactor;
  clock: Clock;
  inventory: Inventory;
  /** What is built from what, as it is known at a click; by the inventory alone where nobody sends OpenLineage events. */
  lineage?: () => Lineage;
}

export interface Gate {
  /**
   * Answers a click and, where it counts, writes it; durable when it returns. May be called again with the same click: the log
   * remembers. @throws AppError `unavailable` when it is not known whether the click was counted; clicking again is safe.
   */
  decide(click: Click): Promise<ClickAnswer>;
  /**
   * What the click would be told now, by the same rules, with the edit it would make. Nothing is written and no right is given: the
   * click itself is judged again. @throws AppError `unavailable` when the log can not be read.
   */
  preview(click: Click): Promise<ClickPreview>;
  /** Ends every proposal among these whose time is over; may run twice and in several processes. */
  expireDue(incidents: Iterable<Incident>): Promise<void>;
}

/** Deliveries of one gesture are re-sent within minutes; what counted stays known in the log for ever. */
const REMEMBER_SECONDS = 900;

/** A preview never makes a signature: nothing that could be taken for a decision comes out of it. */
function unsigning(signer: DecisionSigner): DecisionSigner {
  return { ...signer, sign: () => NO_SEAL };
}

/** In this order: the first rule that speaks is the answer. */
const RULES: readonly Rule[] = [notExpired, sameVersion, hasRight, modify, allowedByPolicy, approve, reject];

/** The only way from a person to a repair. */
export function createGate(deps: GateDeps): Gate {
  return {
    async decide(click) {
      const gesture = gestureOf(click);
      const earlier = await firstAnswer(deps, gesture);
      if (earlier !== undefined) return earlier;
      const answer = await answerFromLog(deps, click, gesture);
      // Losing this costs one more reading of the log when the click comes again.
      await deps.once.settle(gesture, canonicalJson(answer), REMEMBER_SECONDS).catch(() => undefined);
      return answer;
    },
    async preview(click) {
      const stored = await deps.log.read(click.incident);
      const incident = foldIncident(stored);
      const live = incident && liveProposal(incident);
      return previewOf(
        judge({ ...deps, signer: unsigning(deps.signer) }, click, gestureOf(click), incident, stored),
        live,
      );
    },
    async expireDue(incidents) {
      for (const incident of incidents) await expire(deps, incident);
    },
  };
}

/** A gesture that is still being answered, or a store that is away, is no reason to wait: the log decides either way. */
async function firstAnswer(deps: GateDeps, gesture: string): Promise<ClickAnswer | undefined> {
  const begun = await deps.once.begin(gesture, REMEMBER_SECONDS).catch(() => undefined);
  return typeof begun === 'object' ? (JSON.parse(begun.answer) as ClickAnswer) : undefined;
}

/**
 * An append that fails may still have been stored, so after a failure the log is read once more: what this gesture wrote is found
 * by its name, and if it wrote nothing it is tried again.
 */
async function answerFromLog(deps: GateDeps, click: Click, gesture: string): Promise<ClickAnswer> {
  const attempt = (): Promise<{ result: ClickAnswer }> =>
    transact(deps.log, click.incident, (incident, stored) => judge(deps, click, gesture, incident, stored));
  try {
    return (await attempt()).result;
  } catch (error) {
    if (!(error instanceof AppError && error.retryable)) throw error;
  }
  try {
    return (await attempt()).result;
  } catch (cause) {
    throw new AppError('unavailable', {
      safeText:
        'The log can not be reached, so nothing was decided that is not in it. Click again: it can not count twice.',
      cause,
    });
  }
}

function judge(
  deps: GateDeps,
  click: Click,
  gesture: string,
  folded: Incident | undefined,
  stored: readonly StoredEntry[],
): Write<ClickAnswer> {
  if (folded === undefined)
    return say({ outcome: 'invalid', text: `There is no incident ${click.incident}.`, fields: {} });
  const { signer, inventory, clock } = deps;
  const incident = withSealedVotes(folded, signer);
  const written = stored.find(({ entry }) => entry.causationId === gesture && !isForeignVote(entry, signer));
  const first = written === undefined ? undefined : answerOf(written.entry);
  if (first !== undefined) return say(first);
  const live = liveProposal(incident);
  if (live === undefined) return say({ outcome: 'too_late', text: tooLateText(incident) });
  if (proposalDigest(live.proposal) !== live.digest) {
    throw new AppError('tampered', {
      safeText: `The proposal of ${incident.id} does not match its hash; nobody may decide on it.`,
    });
  }
  const { policy, digest } = deps.policy();
  const cleanWords = deps.redactor.redact(click.words, incident.id).text.slice(0, 1000);
  const now = clock.now();
  const situation: Situation = {
    click,
    gesture,
    incident,
    stored,
    live,
    policy,
    policyDigest: digest,
    inventory,
    lineage: deps.lineage ?? (() => lineageOf(inventory)),
    signer,
    now,
    cleanWords,
  };
  for (const rule of RULES) {
    const write = rule(situation);
    if (write !== undefined) return write;
  }
  return say({ outcome: 'invalid', text: 'Approve, modify or reject?', fields: {} });
}

/** Somebody else's entry in the name of this gesture: the click is not told that it counted. */
function isForeignVote(entry: Entry, signer: DecisionSigner): boolean {
  return entry.type === 'vote.cast' && !isSealedVote(entry.subject, entry.data.digest, entry.data, signer);
}

async function expire(deps: GateDeps, seen: Incident): Promise<void> {
  const due = (incident: Incident): boolean => {
    const live = liveProposal(incident);
    return live !== undefined && deps.clock.now().getTime() >= Date.parse(live.proposal.expiresAt);
  };
  if (!due(seen)) return;
  await transact(deps.log, seen.id, (incident) => {
    const live = incident === undefined || !due(incident) ? undefined : liveProposal(incident);
    if (live === undefined) return { events: [], result: undefined };
    const because = expiredBecause(live.proposal.expiresAt);
    const actor = { kind: 'system' as const, id: 'gate', role: 'web' };
    return { events: [{ type: 'proposal.expired', data: { digest: live.digest, because }, actor }], result: undefined };
  });
}
