import type { DecisionStatement, Seal, Vote } from './decision.js';

/** A vote as the log has it. Every role can append one: it is somebody's word only where its seal is good. */
export interface CastVote {
  vote: Vote;
  seal: Seal;
}

/** What the web role signs of one vote: it counts for this version of this incident's proposal and nowhere else. */
export interface VoteStatement {
  v: 1;
  says: 'vote.cast';
  incident: string;
  proposalDigest: string;
  vote: Vote;
}

/**
 * What the web role signs of a directory. `n` is the position in the log's subject for which it was made: written there a second
 * time, later, it is not the same statement.
 */
export interface DirectoryStatement {
  v: 1;
  says: 'directory.loaded';
  n: number;
  source: string;
  groups: Readonly<Record<string, readonly string[]>>;
}

/** All that the decision key signs. `says` keeps one kind from being taken for another. */
export type SealedStatement = DecisionStatement | VoteStatement | DirectoryStatement;

export function voteStatement(incident: string, proposalDigest: string, vote: Vote): VoteStatement {
  return { v: 1, says: 'vote.cast', incident, proposalDigest, vote };
}

export function directoryStatement(
  n: number,
  { source, groups }: Pick<DirectoryStatement, 'source' | 'groups'>,
): DirectoryStatement {
  return { v: 1, says: 'directory.loaded', n, source, groups };
}
