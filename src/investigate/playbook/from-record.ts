import type { Reply } from '../reply.js';
import { type Asked, told } from './asked.js';
import { prose } from './named.js';

/** What a question can be about that the log itself answers: no tool is needed. */
interface Subject {
  words: RegExp;
  /** To a tool: where the question names what one would look at, where its words are about what one knows, or never. */
  yields: 'named' | 'topic' | 'never';
  reply(asked: Asked): string[];
  quotes: boolean;
}

const NOTHING_FOUND = 'The investigation showed no cause.';

const SUBJECTS: readonly Subject[] = [
  {
    words:
      /\brul(?:e|ed|ing) out\b|\bexclud\w+|\balternatives?\b|\bother (?:cause|reason|explanation)s?\b|\bhypothes[ie]s\b|\bcould it (?:also )?(?:be|have been)\b|\binstead\b/i,
    yields: 'never',
    reply: (asked) => {
      const out = told(asked, 'ruled_out').map(
        ({ hypothesis, why }) => `Ruled out: ${stripped(hypothesis)}, because ${why}`,
      );
      return out.length > 0 ? out : ['The investigation ruled nothing out in so many words.'];
    },
    quotes: false,
  },
  {
    words: /\bevidence\b|\bpro(?:of|ve)\b|\bhow (?:do|did) you know\b|\bhow sure\b|\bare you sure\b|\bconfiden\w+/i,
    yields: 'never',
    reply: (asked) => {
      const { confidence } = told(asked, 'diagnosis')[0] ?? {};
      const sure = confidence === undefined ? [] : [`The diagnosis was made with a confidence of ${confidence}.`];
      const found = told(asked, 'evidence').length;
      return [...claims(asked), ...sure, found === 0 ? 'No quote stands for it.' : 'It rests on what is quoted below.'];
    },
    quotes: true,
  },
  {
    words: /\bwho (?:approved|decided|rejected|voted|owns|is (?:the owner|on.?call|responsible))\b|\bowner\b/i,
    yields: 'named',
    reply: (asked) => [...decisionLines(asked), ownerLine(asked)],
    quotes: false,
  },
  {
    words:
      /\bwhat(?:'s| is| comes)? next\b|\bwhat (?:now|should|can|must|do|shall)\b|\bto do\b|\bplan(?:ned)?\b|\bpropos\w+|\bfix\b|\brepair\w*|\bapprov\w+|\broll ?back\b|\bhow (?:do|can) (?:we|i)\b/i,
    yields: 'named',
    reply: nextReply,
    quotes: false,
  },
  {
    words: /\bdownstream\b|\bblast\b|\bimpact\w*|\baffect\w*|\bconsumers?\b|\bdepend\w*/i,
    yields: 'topic',
    reply: downstreamReply,
    quotes: false,
  },
  {
    words: /\bwhy\b|\bcauses?d?\b|\breasons?\b/i,
    yields: 'named',
    reply: (asked) => {
      const found = claims(asked);
      return found.length > 0 ? found : [NOTHING_FOUND, told(asked, 'diagnosis')[0]?.['summary'] ?? ''];
    },
    quotes: true,
  },
  {
    words:
      /\bstatus\b|\bstate\b|\bsummar\w+|\bwhat (?:is|'s) (?:happening|going on|up)\b|\bwhat happened\b|\bwhere (?:do|are) we\b|\bresolved\b|\bhow long\b/i,
    yields: 'topic',
    reply: (asked) => [...stateLines(asked), ...claims(asked), ...decisionLines(asked)],
    quotes: false,
  },
];

/** The answer out of the record, or undefined when the question is about none of it. */
export function replyFromRecord(asked: Asked, about: { named: boolean; topic: boolean }): Reply | undefined {
  const text = prose(asked.text);
  const subject = SUBJECTS.find(({ words, yields }) => words.test(text) && (yields === 'never' || !about[yields]));
  if (subject === undefined) return undefined;
  const evidence = subject.quotes ? told(asked, 'evidence').slice(0, 4).map(quoteOf) : [];
  return { answered: true, text: subject.reply(asked).filter(Boolean).join(' '), evidence };
}

function quoteOf({ call = '', quote = '', supports = '' }: Record<string, string>): Reply['evidence'][number] {
  return { call, quote, supports };
}

function claims(asked: Asked): string[] {
  return told(asked, 'cause').map(({ claim = '', entity = '' }) => `${claim} (${entity})`);
}

function stripped(text = ''): string {
  return text.replace(/\.$/, '');
}

const STATES: Record<string, string> = {
  awaiting_decision: 'A proposal waits for a decision.',
  approved: 'The repair is approved and about to start.',
  repairing: 'The repair is running.',
  verifying: 'The repair ran, and recovery is being verified.',
  resolved: 'The incident is resolved, and recovery was verified.',
  rejected: 'The proposal was rejected. Nothing was changed.',
  expired: 'The proposal can no longer be approved.',
  escalated: 'A person must take over.',
  reopened: 'The repair did not bring recovery. A person must take over.',
  outcome_unknown: 'It is not known whether the repair took effect. A person must look at the target.',
  closed: 'The incident is closed.',
};

function stateLines(asked: Asked): string[] {
  const { status = '', resolved_minutes, closed_because } = told(asked, 'state')[0] ?? {};
  const took = resolved_minutes === undefined ? [] : [`It took ${Math.round(Number(resolved_minutes))} minutes.`];
  const closed = closed_because === undefined ? [] : [`Closed because: ${closed_because}`];
  const escalated = told(asked, 'escalated').map(({ to, reason }) => `Escalated to ${to}: ${reason}`);
  return [STATES[status] ?? `It is ${status}.`, ...took, ...closed, ...escalated];
}

function decisionLines(asked: Asked): string[] {
  const decisions = told(asked, 'decision').map(
    ({ verdict, by, at, reason }) => `Decided: ${verdict}, by ${by} at ${at}${reason ? `, because: ${reason}` : ''}.`,
  );
  return decisions.length > 0 ? decisions : ['Nobody has decided anything yet.'];
}

function ownerLine({ file }: Asked): string {
  return file.owner === '' ? 'The owner is not known.' : `The owner is ${file.owner}.`;
}

/** Whatever the question asks to be done: only what a person may do about it. */
function nextReply(asked: Asked): string[] {
  const steps = told(asked, 'step').map(({ number, title }) => `${number}. ${title}.`);
  const plan = steps.length === 0 ? ['There is no plan.'] : [`The plan: ${steps.join(' ')}`];
  const { status } = told(asked, 'state')[0] ?? {};
  const who =
    status === 'awaiting_decision'
      ? 'Approve, modify or reject it on its card in this thread: a question can not, and I can not.'
      : 'I change nothing by myself, and a question approves nothing.';
  return [...stateLines(asked), ...plan, who];
}

/** Who reads what the failed task writes, by the inventory as far as the prompt holds it. */
function downstreamReply({ file, context }: Asked): string[] {
  const writes = context?.focus.task?.writes ?? [];
  if (writes.length === 0) return ['The inventory does not say what the failed task writes.'];
  const readers = file.tasks.filter((task) => task.reads.some((table) => writes.includes(table)));
  const names = [...new Set(readers.map(({ dag, id }) => `${dag}.${id}`))];
  const read =
    names.length === 0 ? 'nobody that the inventory knows of reads it' : `read by ${names.slice(0, 8).join(', ')}`;
  return [
    `${writes.join(', ')} is written by the failed task and ${read}. The proposal's card lists what lies further downstream.`,
  ];
}
