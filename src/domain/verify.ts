import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonicalJson } from './canonical.js';
import { AppError } from './errors.js';
import { createCompactRange } from './merkle.js';
import type { Policy } from './policy.js';
import type { DecisionVerifier } from './ports.js';
import { parseVerifierKey } from './signed-note.js';
import {
  createComparison,
  createSignatureCheck,
  type Finding,
  type FindingKind,
  marksOf,
  newestGood,
  spread,
} from './verify-checkpoints.js';
import { createStory } from './verify-story.js';

export interface VerifyOptions {
  /** Stored bytes of every entry, in order; one by one or, which is faster, many at a time. */
  entries: AsyncIterable<string | readonly string[]> | Iterable<string | readonly string[]>;
  /** Checkpoint notes as published beside the log. */
  checkpoints: readonly string[];
  /** The log's public key (C2SP verifier key). */
  vkey: string;
  /** Checkpoint notes that the auditor kept somewhere else: the only thing that shows a log which was rebuilt with a stolen key. */
  kept?: readonly string[];
  /** Checks the signatures of decisions, votes and user groups; or give the keys. Without either the report says that they were not checked. */
  decisions?: DecisionVerifier;
  /** Public keys (PEM, by name) of decision signers. */
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

const MOST_FINDINGS = 100;

/** The whole log against its checkpoints, and its story against the rules; reads the entries once. @throws AppError `invalid_input` for a key that is not one. */
export async function verifyLog(options: VerifyOptions): Promise<LogReport> {
  const verifier = parseVerifierKey(options.vkey);
  const findings: Finding[] = [];
  const signatures = createSignatureCheck(verifier, findings);
  const all = marksOf(options, verifier, findings);
  const newest = newestGood(all, signatures);
  const marks = spread(all, newest);
  const tell = (kind: FindingKind, index: number, text: string): void => void findings.push({ kind, index, text });
  const story = createStory(
    { ...options, decisions: decisionVerifier(options), sizes: new Set(all.map((mark) => mark.size)) },
    tell,
  );
  const range = createCompactRange();
  const comparison = createComparison(marks, signatures, findings);
  comparison.at(0, range.root);
  for await (const some of options.entries) {
    for (const line of typeof some === 'string' ? [some] : some) {
      range.appendEntry(line);
      story.see(range.size - 1, line);
      comparison.at(range.size, range.root);
    }
  }
  comparison.end(range.size);
  const sealed = Math.min(newest?.size ?? 0, range.size);
  if (range.size > 0 && newest === undefined) {
    findings.push({ kind: 'unsealed', index: 0, text: 'No checkpoint of this log is signed by its key.' });
  }
  return {
    ok: findings.length === 0,
    size: range.size,
    sealed,
    unsealed: range.size - sealed,
    root: range.root().toString('base64'),
    subjects: story.subjects(),
    checkpoints: options.checkpoints.length,
    rootsCompared: comparison.compared(),
    signaturesChecked: signatures.checked(),
    findings: findings.slice(0, MOST_FINDINGS).sort((a, b) => (a.index ?? 0) - (b.index ?? 0)),
    notes: notesOf(options, findings.length, range.size - sealed),
  };
}

function notesOf(options: VerifyOptions, findings: number, unsealed: number): string[] {
  return [
    ...(unsealed > 0
      ? [`${unsealed} entries at the end are not under a checkpoint yet; nobody can vouch for them.`]
      : []),
    ...(decisionVerifier(options) === undefined
      ? ['Signatures of decisions, votes and user groups were not checked: no public keys were given.']
      : []),
    ...(options.kept?.length
      ? []
      : [
          'No kept checkpoint was given: a log cut back together with its checkpoints, or rebuilt with a stolen key, can not be seen.',
        ]),
    ...(findings > MOST_FINDINGS ? [`${findings - MOST_FINDINGS} more findings are left out.`] : []),
  ];
}

/** Good under any of the keys that were given: a seal names its key only as a hint. */
function decisionVerifier({ decisions, decisionKeys }: VerifyOptions): DecisionVerifier | undefined {
  if (decisions !== undefined || decisionKeys === undefined) return decisions;
  const keys = Object.entries(decisionKeys).map(([name, pem]) => publicKey(name, pem));
  return {
    verify(statement, seal) {
      const bytes = Buffer.from(canonicalJson(statement));
      return keys.some((key) => verify(null, bytes, key, Buffer.from(seal.signature, 'base64')));
    },
  };
}

function publicKey(name: string, pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new AppError('invalid_input', {
      field: name,
      safeText: `The decision key ${name} is not a PEM public key.`,
      cause,
    });
  }
}
