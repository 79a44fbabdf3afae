import type { Policy } from './policy.js';

export type FindingKind =
  | 'unsealed'
  | 'bad_checkpoint'
  | 'changed'
  | 'truncated'
  | 'kept_checkpoint'
  | 'unreadable'
  | 'order'
  | 'story';

/** One thing that is not as it was written. `index` is the first entry that it may concern, `to` the last. */
export interface Finding {
  kind: FindingKind;
  index?: number;
  to?: number;
  text: string;
}

export interface VerifyOptions {
  /** Stored bytes of every entry, in order. */
  entries: AsyncIterable<string> | Iterable<string>;
  /** Checkpoint notes as published beside the log. */
  checkpoints: readonly string[];
  /** The log's public key (C2SP verifier key). */
  vkey: string;
  /** Checkpoint notes that the auditor kept somewhere else: the only thing that shows a log which was rebuilt with a stolen key. */
  kept?: readonly string[];
  /** Public keys (PEM, by name) of decision signers; without them the report says that signatures were not checked. */
  decisionKeys?: Readonly<Record<string, string>>;
  /** Checks that approvers were allowed to, for decisions made under exactly this policy. */
  policy?: { policy: Policy; digest: string };
}

export interface LogReport {
  ok: boolean;
  size: number;
  /** Entries under the newest good checkpoint; for what comes after it nobody can vouch yet. */
  sealed: number;
  unsealed: number;
  root: string;
  subjects: number;
  checkpoints: number;
  /** Checkpoints of which the root was compared, and of which the signature was. */
  rootsCompared: number;
  signaturesChecked: number;
  findings: Finding[];
  /** What could not be checked, and why. */
  notes: string[];
}
