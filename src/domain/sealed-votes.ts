import { canonicalJson } from './canonical.js';
import type { DecisionStatement, Vote } from './decision.js';
import type { Incident, ProposalVersion } from './incident.js';
import type { DecisionVerifier } from './ports.js';
import { type CastVote, voteStatement } from './sealed-statement.js';

/** Whether the web role signed this vote on this version. */
export function isSealedVote(
  incident: string,
  digest: string,
  { vote, seal }: CastVote,
  by: DecisionVerifier,
): boolean {
  return by.verify(voteStatement(incident, digest, vote), seal);
}

/** The incident with the votes that carry a good seal. Before this no vote of it counts or is shown. */
export function withSealedVotes(incident: Incident, verifier: DecisionVerifier): Incident {
  if (incident.proposals.every(({ cast }) => cast.length === 0)) return incident;
  const proposals = incident.proposals.map((version) => ({
    ...version,
    votes: version.cast
      .filter((one) => isSealedVote(incident.id, version.digest, one, verifier))
      .map(({ vote }) => vote),
  }));
  return { ...incident, proposals };
}

/**
 * The vote of an approval that the log does not bear out: behind each stands a sealed `vote.cast`, except behind the last, which is
 * the click that decided. Undefined when there is none.
 */
export function unbackedVote(
  { incident, votes }: DecisionStatement,
  { digest, cast }: ProposalVersion,
  verifier: DecisionVerifier,
): Vote | undefined {
  const sealed = cast.filter((one) => isSealedVote(incident, digest, one, verifier));
  const written = new Set(sealed.map(({ vote }) => canonicalJson(vote)));
  return votes.slice(0, -1).find((vote) => !written.has(canonicalJson(vote)));
}
