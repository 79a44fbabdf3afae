import { AppError } from './errors.js';
import { type Checkpoint, type NoteVerifier, openCheckpoint, parseNoteCheckpoint } from './signed-note.js';

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

/** Beyond these many checkpoints an even spread of them is compared; the newest and the kept ones always are. */
const MOST_ROOTS = 50_000;
const MOST_SIGNATURES = 500;

/** A checkpoint to hold the log against. */
export interface Mark extends Checkpoint {
  note: string;
  kept: boolean;
}

/** All checkpoints by size; kept ones are checked at once, as an auditor must be able to rely on them. */
export function marksOf(
  options: { checkpoints: readonly string[]; kept?: readonly string[] },
  verifier: NoteVerifier,
  findings: Finding[],
): Mark[] {
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

export interface SignatureCheck {
  good(mark: Mark): boolean;
  checked(): number;
}

export function createSignatureCheck(verifier: NoteVerifier, findings: Finding[]): SignatureCheck {
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
export function newestGood(marks: readonly Mark[], signatures: SignatureCheck): Mark | undefined {
  for (const mark of marks.slice(-MOST_SIGNATURES).reverse()) if (signatures.good(mark)) return mark;
  return undefined;
}

export function spread(marks: readonly Mark[], newest: Mark | undefined): Mark[] {
  if (marks.length <= MOST_ROOTS) return [...marks];
  const step = marks.length / MOST_ROOTS;
  const chosen = new Set(Array.from({ length: MOST_ROOTS }, (_, i) => marks[Math.floor(i * step)] as Mark));
  for (const mark of marks) if (mark.kept || mark === newest) chosen.add(mark);
  return marks.filter((mark) => chosen.has(mark));
}

export interface Comparison {
  /** To be called at every size, in order. */
  at(size: number, root: () => Buffer): void;
  end(size: number): void;
  compared(): number;
}

/** Holds the roots against the checkpoints in passing: between the last that agrees and the first that does not lies the change. */
export function createComparison(marks: readonly Mark[], signatures: SignatureCheck, findings: Finding[]): Comparison {
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
