import type { Incident } from '../domain/incident.js';
import type { Proposal } from '../domain/proposal.js';

/** Letters and digits only, so that case, blanks and punctuation do not hide a copy. */
function essence(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** One short unit said again and again: `aaaaaaaa`, `ok ok ok`, `lgtmlgtm`. */
function isRepetition(text: string): boolean {
  const compact = text.replaceAll(' ', '');
  return compact.length > 1 && (compact + compact).indexOf(compact, 1) < compact.length;
}

function isCopy(words: string, own: string): boolean {
  if (own === '') return false;
  if (own.includes(words)) return true;
  // The card's own sentence with a word put before or after it is still the card's own sentence.
  return own.length >= 16 && words.includes(own) && own.length >= words.length * 0.7;
}

/** Everything that Countersign itself wrote or quoted about this proposal: repeating it back checks nothing. */
export function ownTexts(incident: Incident, proposal: Proposal): string[] {
  const { diagnosis } = incident;
  return [
    incident.title,
    proposal.why,
    ...proposal.risk.reasons,
    ...proposal.steps.flatMap((step) => [
      step.title,
      step.before,
      step.after,
      step.restorePoint,
      ...step.effects,
      ...[...step.preconditions, ...step.verification].map((expectation) => expectation.text),
    ]),
    ...proposal.attachments.map((attachment) => attachment.note),
    ...(diagnosis === undefined
      ? []
      : [
          diagnosis.summary,
          ...diagnosis.causes.map((cause) => cause.claim),
          ...diagnosis.evidence.flatMap((evidence) => [evidence.quote, evidence.supports]),
        ]),
  ];
}

/**
 * Why these words are not an independent check, said to the person who wrote them; undefined when they pass. Code can not tell
 * whether somebody looked, but it can refuse what costs nothing to type: blanks, one letter held down, the card read back.
 */
export function checkFault(
  words: string,
  minimumLength: number,
  own: readonly string[],
  others: readonly string[],
): string | undefined {
  const text = essence(words);
  if (text.length < minimumLength) {
    return `Say what you checked yourself, in at least ${minimumLength} characters.`;
  }
  if (isRepetition(text) || new Set(text.replaceAll(' ', '')).size < 4) {
    return 'That says nothing; name what you looked at and what you saw.';
  }
  if (own.some((sentence) => isCopy(text, essence(sentence)))) {
    return 'That is copied from the card; say in your own words what you checked yourself.';
  }
  if (others.some((sentence) => isCopy(text, essence(sentence)))) {
    return 'That is what the other approver wrote; say what you checked yourself.';
  }
  return undefined;
}

/** Why these words are no reason for a rejection; undefined when they are. */
export function reasonFault(words: string): string | undefined {
  const text = essence(words);
  if (text.length < 3 || isRepetition(text)) return 'Say why, so that the next person knows what to change.';
  return undefined;
}
