import { applyDirectory, directoryFault, isDirectory, NOTHING_TOLD } from './directory.js';
import { checkEntry, type Entry, EventBody, type EventOf, type EventType } from './events.js';
import { applyEntry, assertMayFollow, type Incident, isOpen } from './incident.js';
import type { DecisionVerifier } from './ports.js';
import { proposalDigest } from './proposal.js';
import { questionFault, questionOf } from './question.js';
import { isSealedVote } from './sealed-votes.js';
import { decisionFaults, type Moment, repairFaults } from './verify-approval.js';

export interface Story {
  see(index: number, line: string): void;
  subjects(): number;
}

interface Subject {
  n: number;
  incident: Incident | undefined;
  /** Calls without an answer yet, with the follow-up question they are made for. */
  open: Map<string, string | undefined>;
  /** Highest fencing token of a repair. */
  fence: number;
}

export interface StoryOptions extends Pick<Moment, 'policy' | 'sizes'> {
  decisions: DecisionVerifier | undefined;
}

/** Where no key was given, which the report says: then signatures are taken as they stand. */
const UNCHECKED: DecisionVerifier = { verify: () => true };

/** Parsed in full, as the story rests on what they say; of the others the envelope is enough. */
const TELLING: ReadonlySet<string> = new Set<EventType>([
  'incident.opened',
  'proposal.made',
  'proposal.modified',
  'vote.cast',
  'decision.recorded',
  'repair.started',
  'repair.stepped',
  'repair.finished',
  'repair.refused',
  'directory.loaded',
  'question.asked',
  'question.answered',
]);
const KNOWN: ReadonlySet<string> = new Set(EventBody.options.map((option) => option.shape.type.value));
/** They change nothing that a rule of the story asks about; calls for follow-up questions do, see below. */
const SILENT: ReadonlySet<string> = new Set<EventType>([
  'tool.called',
  'tool.answered',
  'alert.joined',
  'alert.resolved',
  'note.added',
  'click.refused',
  'reasoner.changed',
  'verification.checked',
]);

/** Does what the entries say hang together? Every entry parses, every subject counts without gaps, and nothing was repaired unapproved. */
export function createStory(
  options: StoryOptions,
  tell: (kind: 'unreadable' | 'order' | 'story', index: number, text: string) => void,
): Story {
  const subjects = new Map<string, Subject>();
  const decisions = options.decisions ?? UNCHECKED;
  let told = NOTHING_TOLD;
  return {
    subjects: () => subjects.size,
    see(index, line) {
      const entry = readEntry(line);
      if (entry === undefined) {
        tell('unreadable', index, `Entry ${index} is not one that Countersign writes.`);
        return;
      }
      const subject = subjects.get(entry.subject) ?? { n: 0, incident: undefined, open: new Map(), fence: 0 };
      subjects.set(entry.subject, subject);
      const order = orderFault(subject, entry);
      subject.n = Math.max(subject.n, entry.n);
      if (order !== undefined) {
        tell('order', index, `Entry ${index}: ${order}.`);
        return;
      }
      const unsigned = isDirectory(entry) ? directoryFault(told, entry, decisions) : undefined;
      if (unsigned !== undefined)
        tell('story', index, `Entry ${index} (${entry.subject}, ${entry.type}): ${unsigned}.`);
      told = applyDirectory(told, { index, entry }, decisions);
      if (!entry.subject.startsWith('INC-')) return;
      const moment = { ...options, decisions, directory: told.directory };
      for (const fault of storyFaults(moment, subject, entry, index)) {
        tell('story', index, `Entry ${index} (${entry.subject}, ${entry.type}): ${fault}.`);
      }
      follow(subject, entry, index);
    },
  };
}

/** A whole entry, or only its envelope where its content does not matter here; undefined when it is neither. */
function readEntry(line: string): Entry | undefined {
  try {
    const raw = JSON.parse(line);
    if (TELLING.has(raw.type)) return checkEntry(raw);
    const whole =
      raw.v === 1 &&
      typeof raw.id === 'string' &&
      typeof raw.at === 'string' &&
      typeof raw.subject === 'string' &&
      Number.isInteger(raw.n) &&
      typeof raw.actor?.id === 'string' &&
      typeof raw.data === 'object' &&
      raw.data !== null &&
      KNOWN.has(raw.type);
    return whole ? raw : undefined;
  } catch {
    return undefined;
  }
}

function orderFault(subject: Subject, { n, subject: name }: Entry): string | undefined {
  if (n === subject.n + 1) return undefined;
  if (n <= subject.n) return `${name} is at entry ${n} again after ${subject.n}: inserted, repeated or reordered`;
  const gap = n - subject.n - 1 === 1 ? `entry ${subject.n + 1}` : `entries ${subject.n + 1} to ${n - 1}`;
  return `${gap} of ${name} is missing before entry ${n}: dropped or reordered`;
}

function follow(subject: Subject, entry: Entry, index: number): void {
  const question = subject.incident === undefined ? undefined : questionOf(subject.incident, entry);
  if (question === undefined && SILENT.has(entry.type)) return;
  if (subject.incident === undefined && entry.type !== 'incident.opened') return;
  const after = applyEntry(subject.incident, { index, entry });
  // A finished incident takes only events that no rule asks about: what it was made of can be let go.
  subject.incident = isOpen(after)
    ? after
    : { ...after, proposals: [], calls: openCalls(after), joined: [], repairs: [] };
}

/** Questions are asked after the end too, and whether one of their calls may be answered is a rule. */
function openCalls({ calls, questions }: Incident): Incident['calls'] {
  const open = new Set(questions.filter(({ answered }) => answered === undefined).map(({ asked }) => asked.questionId));
  return calls.filter(({ call }) => call.question !== undefined && open.has(call.question));
}

function storyFaults(moment: Moment, subject: Subject, entry: Entry, index: number): string[] {
  const { incident } = subject;
  try {
    assertMayFollow(incident, entry);
  } catch {
    if (incident === undefined) return ['it comes before the incident was opened'];
    const question = questionOf(incident, entry);
    const fault = question === undefined ? undefined : questionFault(incident, question, entry);
    return [
      fault === undefined ? `it may not follow while the incident is ${incident.status}` : `about a question: ${fault}`,
    ];
  }
  if (incident === undefined) return [];
  switch (entry.type) {
    case 'investigation.started':
      subject.open.clear();
      return [];
    case 'tool.called':
      subject.open.set(entry.data.callId, entry.data.question);
      return [];
    case 'tool.answered':
      return subject.open.delete(entry.data.callId) ? [] : ['it answers a call that was not made'];
    case 'diagnosis.made':
      return subject.open.size === 0 ? [] : [`${subject.open.size} tool calls before it were never answered`];
    case 'question.answered':
      return answerFaults(subject, entry.data);
    case 'proposal.made':
    case 'proposal.modified':
      return proposalDigest(entry.data.proposal) === entry.data.digest
        ? []
        : ['its digest is not that of the proposal'];
    case 'vote.cast':
      return isSealedVote(incident.id, entry.data.digest, entry.data, moment.decisions)
        ? []
        : ['the signature of the vote is not good, so it counts for nothing'];
    case 'decision.recorded':
      return decisionFaults(moment, incident, entry.data);
    case 'repair.started':
      return startFaults(moment, subject, incident, entry.data, index);
    default:
      return [];
  }
}

/** Where an answer was given up on, its calls may have stayed open. */
function answerFaults(subject: Subject, { questionId, outcome }: EventOf<'question.answered'>['data']): string[] {
  const open = [...subject.open].filter(([, question]) => question === questionId);
  for (const [callId] of open) subject.open.delete(callId);
  return outcome === 'failed' || open.length === 0
    ? []
    : [`${open.length} tool calls for its question were never answered`];
}

function startFaults(
  moment: Moment,
  subject: Subject,
  incident: Incident,
  data: EventOf<'repair.started'>['data'],
  index: number,
): string[] {
  const faults = repairFaults(moment, incident, data, index, subject.fence);
  subject.fence = Math.max(subject.fence, data.fence);
  return faults;
}
