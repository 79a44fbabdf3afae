import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { canonicalJson } from './canonical.js';
import { AppError } from './errors.js';
import type { Finding, LogReport, VerifyOptions } from './log-report.js';
import { createCompactRange, leafHash } from './merkle.js';
import type { DecisionVerifier } from './ports.js';
import {
  type Checkpoint,
  type NoteVerifier,
  openCheckpoint,
  parseNoteCheckpoint,
  parseVerifierKey,
} from './signed-note.js';
import { createStory } from './verify-story.js';

/** Beyond these many checkpoints an even spread of them is compared; the newest and the kept ones always are. */
const MOST_ROOTS = 50_000;
const MOST_SIGNATURES = 500;
const MOST_FINDINGS = 100;

interface Mark extends Checkpoint {
  note: string;
  kept: boolean;
}

/** The whole log against its checkpoints, and its story against the rules; reads the entries once. @throws AppError `invalid_input` for a key that is not one. */
export async function verifyLog(options: VerifyOptions): Promise<LogReport> {
  const verifier = parseVerifierKey(options.vkey);
  const findings: Finding[] = [];
  const signatures = createSignatureCheck(verifier, findings);
  const all = marksOf(options, verifier, findings);
  const newest = newestGood(all, signatures);
  const marks = spread(all, newest);
  const story = createStory(
    { ...options, decisions: decisionVerifier(options), sizes: new Set(all.map((mark) => mark.size)) },
    findings,
  );
  const range = createCompactRange();
  const comparison = createComparison(marks, signatures, findings);
  comparison.at(0, () => range.root());
  for await (const line of options.entries) {
    range.append(leafHash(line));
    story.see(range.size - 1, line);
    comparison.at(range.size, () => range.root());
  }
  comparison.end(range.size);
  story.end();
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
    ...(options.decisionKeys === undefined
      ? ['Signatures of decisions were not checked: no public keys were given.']
      : []),
    ...(options.kept?.length
      ? []
      : [
          'No kept checkpoint was given: a log cut back together with its checkpoints, or rebuilt with a stolen key, can not be seen.',
        ]),
    ...(findings > MOST_FINDINGS ? [`${findings - MOST_FINDINGS} more findings are left out.`] : []),
  ];
}

/** All checkpoints by size; kept ones are checked at once, as an auditor must be able to rely on them. */
function marksOf(options: VerifyOptions, verifier: NoteVerifier, findings: Finding[]): Mark[] {
  const marks: Mark[] = [];
  options.checkpoints.forEach((note, i) => {
    const checkpoint = parseNoteCheckpoint(note);
    if (checkpoint !== undefined && checkpoint.origin === verifier.name)
      marks.push({ ...checkpoint, note, kept: false });
    else findings.push({ kind: 'bad_checkpoint', text: `Checkpoint ${i} of the list is not one of this log.` });
  });
  for (const note of options.kept ?? []) {
    const checkpoint = openCheckpoint(note, verifier);
    if (checkpoint === undefined)
      throw new AppError('invalid_input', { safeText: 'A kept checkpoint is not signed by the key that was given.' });
    marks.push({ ...checkpoint, note, kept: true });
  }
  return marks.sort((a, b) => a.size - b.size);
}

interface SignatureCheck {
  good(mark: Mark): boolean;
  checked(): number;
}

function createSignatureCheck(verifier: NoteVerifier, findings: Finding[]): SignatureCheck {
  const answers = new Map<Mark, boolean>();
  return {
    checked: () => answers.size,
    good(mark) {
      const known = answers.get(mark);
      if (known !== undefined) return known;
      const good = openCheckpoint(mark.note, verifier) !== undefined;
      answers.set(mark, good);
      if (!good) {
        const text = `The checkpoint over ${mark.size} entries is not signed by the log's key.`;
        findings.push({ kind: 'bad_checkpoint', index: mark.size, text });
      }
      return good;
    },
  };
}

/** From the newest back: one that is not signed by the key seals nothing. */
function newestGood(marks: readonly Mark[], signatures: SignatureCheck): Mark | undefined {
  for (const mark of marks.slice(-MOST_SIGNATURES).reverse()) if (signatures.good(mark)) return mark;
  return undefined;
}

function spread(marks: readonly Mark[], newest: Mark | undefined): Mark[] {
  if (marks.length <= MOST_ROOTS) return [...marks];
  const step = marks.length / MOST_ROOTS;
  const chosen = new Set(Array.from({ length: MOST_ROOTS }, (_, i) => marks[Math.floor(i * step)] as Mark));
  for (const mark of marks) if (mark.kept || mark === newest) chosen.add(mark);
  return marks.filter((mark) => chosen.has(mark));
}

interface Comparison {
  /** To be called at every size, in order. */
  at(size: number, root: () => Buffer): void;
  end(size: number): void;
  compared(): number;
}

/** Holds the roots against the checkpoints in passing: between the last that agrees and the first that does not lies the change. */
function createComparison(marks: readonly Mark[], signatures: SignatureCheck, findings: Finding[]): Comparison {
  const step = Math.max(1, Math.floor(marks.length / MOST_SIGNATURES));
  let next = 0;
  let agreed = 0;
  let told = false;
  let compared = 0;

  const differs = (mark: Mark): void => {
    if (mark.kept) {
      findings.push({
        kind: 'kept_checkpoint',
        index: agreed,
        to: mark.size - 1,
        text: `The log is not the one of the checkpoint you kept over ${mark.size} entries${span(agreed, mark.size)}.`,
      });
    } else if (!told && signatures.good(mark)) {
      told = true;
      findings.push({
        kind: 'changed',
        index: agreed,
        to: mark.size - 1,
        text: `What is stored is not what was sealed${span(agreed, mark.size)}: something there was changed, dropped, inserted or reordered.`,
      });
    }
  };
  return {
    compared: () => compared,
    at(size, root) {
      if (marks[next]?.size !== size) return;
      const actual = root();
      for (let mark = marks[next]; mark?.size === size; mark = marks[next]) {
        compared += 1;
        if (next % step === 0) signatures.good(mark);
        if (!mark.root.equals(actual)) differs(mark);
        else if (!told) agreed = size;
        next += 1;
      }
    },
    end(size) {
      const beyond = marks.slice(next).filter((mark) => signatures.good(mark));
      const largest = beyond.at(-1);
      if (largest === undefined) return;
      const kept = beyond.some((mark) => mark.kept);
      const text = `The log ends at ${size} entries, but ${kept ? 'the checkpoint you kept' : 'a signed checkpoint'} covers ${largest.size}: ${largest.size - size} or more entries were cut off.`;
      findings.push({ kind: 'truncated', index: size, to: largest.size - 1, text });
    },
  };
}

function span(from: number, size: number): string {
  return from === size - 1 ? ` at entry ${from}` : ` between entries ${from} and ${size - 1}`;
}

/** Good under any of the keys that were given: a seal names its key only as a hint. */
function decisionVerifier({ decisionKeys }: VerifyOptions): DecisionVerifier | undefined {
  if (decisionKeys === undefined) return undefined;
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
