import {
  approvalsNeeded,
  freezeAt,
  needsCheck,
  personKey,
  policyFaults,
  rightsFault,
  selfApprovalFault,
  standingVotes,
} from '../domain/approval.js';
import { sha256Hex } from '../domain/canonical.js';
import type { ClickAnswer, DecisionStatement, Vote } from '../domain/decision.js';
import type { Write } from '../domain/ledger.js';
import type { Job } from '../domain/ports.js';
import { preconditionsDigest, RiskLevel } from '../domain/proposal.js';
import { scoreRisk } from '../domain/risk.js';
import { voteStatement } from '../domain/sealed-statement.js';
import { alreadyVotedText, at, expiredBecause, refusedText, staleText, type Written } from './answers.js';
import { checkFault, ownTexts, reasonFault } from './independent-check.js';
import { invalid, type Rule, type Situation, say, write } from './situation.js';

const WORDS_LIMIT = 1000;

/** Past its time a proposal can not be decided, whatever the card still shows; the click that finds out records it. */
export const notExpired: Rule = (situation) => {
  const { live, now } = situation;
  const { expiresAt } = live.proposal;
  if (now.getTime() < Date.parse(expiresAt)) return undefined;
  return write(situation, {
    type: 'proposal.expired',
    data: { digest: live.digest, because: expiredBecause(expiresAt) },
  });
};

/** A decision binds to what was shown: a click on an older card is told what changed since. */
export const sameVersion: Rule = ({ click, live, incident }) =>
  click.shownDigest === live.digest
    ? undefined
    : say({ outcome: 'stale', text: staleText(incident, live, click.shownDigest) });

/** Only people on the lists decide, and nobody approves what they asked for. An attempt is recorded, once. */
export const hasRight: Rule = (situation) => {
  const { click, live, policy, incident } = situation;
  const { proposal } = live;
  const self = click.verdict === 'approve' ? selfApprovalFault(incident, proposal, click.by.id) : undefined;
  const reason = rightsFault(policy, proposal, click.by.id) ?? self;
  if (reason === undefined) return undefined;
  if (alreadyRefused(situation, reason)) return say({ outcome: 'not_allowed', text: refusedText(reason) });
  return write(situation, { type: 'click.refused', data: { by: click.by, verdict: click.verdict, reason } });
};

function alreadyRefused({ stored, click }: Situation, reason: string): boolean {
  return stored.some(
    ({ entry }) =>
      entry.type === 'click.refused' &&
      entry.data.verdict === click.verdict &&
      entry.data.reason === reason &&
      personKey(entry.data.by.id) === personKey(click.by.id),
  );
}

/**
 * What nobody may approve: caps, protected targets, freeze windows, and a card that says less risk than the rules find, since the
 * risk decides how many must look. They stop an approval, never a rejection.
 */
export const allowedByPolicy: Rule = ({ click, policy, live, lineage, now }) => {
  if (click.verdict !== 'approve') return undefined;
  const { steps, risk } = live.proposal;
  const faults = policyFaults(policy, live.proposal);
  const scored = scoreRisk(steps, lineage(), policy).level;
  if (RiskLevel.options.indexOf(scored) > RiskLevel.options.indexOf(risk.level)) {
    faults.push(`the card says ${risk.level} risk, and by the rules of now it is ${scored}; change it or reject it`);
  }
  const freeze = freezeAt(policy, now);
  if (freeze !== undefined) {
    const until = at(new Date(freeze.to).toISOString());
    faults.push(`there is a change freeze until ${until} (${freeze.reason})`);
  }
  return faults.length === 0 ? undefined : say({ outcome: 'not_allowed', text: refusedText(faults.join('; ')) });
};

/** One click for trivial risk, an independent check for the rest, as many different people as the risk asks for. */
export const approve: Rule = (situation) => {
  const { click, live, policy, incident } = situation;
  if (click.verdict !== 'approve') return undefined;
  const { proposal } = live;
  const needed = approvalsNeeded(policy, proposal.risk.level);
  const standing = standingVotes(policy, incident, proposal, live.votes);
  const own = standing.find((vote) => personKey(vote.by.id) === personKey(click.by.id));
  if (own !== undefined) {
    return say({ outcome: 'duplicate', text: alreadyVotedText(incident, own.at, needed - standing.length) });
  }
  const fault = wordsFault(situation, standing);
  if (fault !== undefined) return invalid(fault, { words: fault });
  const vote = voteOf(situation);
  const votes = [...standing, vote];
  if (votes.length >= needed) return decision(situation, 'approve', votes, '');
  const seal = situation.signer.sign(voteStatement(incident.id, live.digest, vote));
  const data = { digest: live.digest, vote, missing: needed - votes.length, seal };
  return write(situation, { type: 'vote.cast', data });
};

/** Final, and with a reason that the next person can use. */
export const reject: Rule = (situation) => {
  const { click } = situation;
  if (click.verdict !== 'reject') return undefined;
  const fault = click.words.length > WORDS_LIMIT ? tooLong : reasonFault(click.words);
  if (fault !== undefined) return invalid(fault, { words: fault });
  return decision(situation, 'reject', [{ ...voteOf(situation), check: '' }], situation.cleanWords.trim());
};

const tooLong = `At most ${WORDS_LIMIT} characters, please.`;

function wordsFault({ click, live, policy, incident }: Situation, standing: readonly Vote[]): string | undefined {
  if (click.words.length > WORDS_LIMIT) return tooLong;
  if (!needsCheck(live.proposal.risk.level)) return undefined;
  const others = standing.map((vote) => vote.check);
  return checkFault(click.words, policy.minimumCheckLength, ownTexts(incident, live.proposal), others);
}

function voteOf({ click, cleanWords, now }: Situation): Vote {
  return { by: click.by, at: now.toISOString(), check: cleanWords.trim() };
}

/** Named after what was decided, so that one proposal version can never have two decisions or two repair jobs. */
function decisionIdOf(incident: string, digest: string): string {
  return `dec-${sha256Hex(`${incident} ${digest}`).slice(0, 20)}`;
}

/** The signed decision and the repair job in one append: there is no decision without its job and no job without its decision. */
function decision(
  situation: Situation,
  verdict: 'approve' | 'reject',
  votes: Vote[],
  reason: string,
): Write<ClickAnswer> {
  const { incident, live, signer, policyDigest, now } = situation;
  const decisionId = decisionIdOf(incident.id, live.digest);
  const statement: DecisionStatement = {
    v: 1,
    decisionId,
    incident: incident.id,
    revision: live.proposal.revision,
    proposalDigest: live.digest,
    preconditionsDigest: preconditionsDigest(live.proposal),
    verdict,
    votes,
    reason,
    policyDigest,
    decidedAt: now.toISOString(),
  };
  const body: Written = { type: 'decision.recorded', data: { statement, seal: signer.sign(statement) } };
  return write(situation, body, verdict === 'approve' ? [repairJob(situation, decisionId)] : []);
}

function repairJob({ incident, live }: Situation, decisionId: string): Job {
  const first = live.proposal.steps[0]?.action;
  const waitMinutes = first?.do === 'retry' ? first.not_before_minutes : 0;
  const job: Job = { queue: 'repair', id: decisionId, incident: incident.id, decisionId };
  return waitMinutes > 0 ? { ...job, delayMs: waitMinutes * 60_000 } : job;
}
