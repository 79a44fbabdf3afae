import type { Card, Section, Tone } from '../domain/card.js';
import type { EventOf } from '../domain/events.js';
import { type Incident, proposalByDigest, type Repair } from '../domain/incident.js';
import type { Expectation } from '../domain/proposal.js';
import { type StepPhase, type StepState, stepStates } from './repair-state.js';
import { counted, instantWords, minutesWords } from './words.js';

const PHASE_WORDS: Record<StepPhase, string> = {
  waiting: 'Waiting',
  started: 'Running',
  applied: 'Done',
  already_applied: 'Was already done',
  failed: 'Failed',
  unknown: 'Not known',
};

/** Progress of one approved repair, step by step. */
export function repairCard(incident: Incident, repair: Repair, at: number): Card {
  const states = stepStates(incident, repair);
  const done = states.filter(({ phase }) => phase === 'applied' || phase === 'already_applied').length;
  return {
    id: at === 0 ? 'repair' : `repair-${at + 1}`,
    title: repairTitle(repair, done, states.length),
    tone: repairTone(repair),
    sections: [
      { kind: 'list', title: 'Steps', items: states.map(stepText) },
      ...(repair.detail === undefined || repair.outcome === 'succeeded'
        ? []
        : [{ kind: 'text', voice: 'ours', text: repair.detail } as const]),
      {
        kind: 'facts',
        rows: [
          { name: 'Started', value: instantWords(repair.startedAt) },
          { name: 'Decision', value: repair.decisionId },
        ],
        folded: true,
      },
    ],
    actions: [],
  };
}

function repairTitle(repair: Repair, done: number, steps: number): string {
  switch (repair.outcome) {
    case undefined:
      return `Repair running: ${done} of ${counted(steps, 'step')} done`;
    case 'succeeded':
      return `Repair carried out: ${counted(steps, 'step')}`;
    case 'failed':
      return `Repair failed after ${done} of ${counted(steps, 'step')}`;
    case 'unknown':
      return 'Repair: outcome unknown';
  }
}

function repairTone(repair: Repair): Tone {
  if (repair.outcome === undefined) return 'working';
  return repair.outcome === 'succeeded' ? 'good' : 'bad';
}

function stepText({ phase, title, detail }: StepState): string {
  return `${PHASE_WORDS[phase]}: ${title}${detail === '' ? '' : `. ${detail}`}`;
}

/** The checks that the approver saw, and what the platform answers now. */
export function verificationCard(incident: Incident): Card | undefined {
  const succeeded = incident.repairs.findLast((repair) => repair.outcome === 'succeeded');
  if (succeeded === undefined) return undefined;
  const promised = proposalByDigest(incident, succeeded.digest)?.proposal.steps.flatMap((step) => step.verification);
  const results = incident.verification?.results ?? [];
  const met = results.filter((result) => result.met).length;
  const total = Math.max(results.length, promised?.length ?? 0);
  return {
    id: 'verification',
    ...verificationHead(incident, met, total),
    sections: [
      results.length === 0 ? promisedList(promised ?? []) : { kind: 'facts', rows: results.map(resultRow) },
      ...waitingText(incident),
    ],
    actions: [],
  };
}

function verificationHead(incident: Incident, met: number, total: number): { title: string; tone: Tone } {
  const count = `${met} of ${counted(total, 'check')} met`;
  if (incident.status === 'resolved') return { title: `Recovery verified: ${count}`, tone: 'good' };
  if (incident.status === 'verifying') return { title: `Verifying recovery: ${count}`, tone: 'working' };
  return { title: `Recovery not reached: ${count}`, tone: 'bad' };
}

function promisedList(promised: Expectation[]): Section {
  return { kind: 'list', title: 'Waiting for', items: promised.map((expectation) => expectation.text) };
}

function resultRow(result: EventOf<'verification.checked'>['data']['results'][number]): {
  name: string;
  value: string;
} {
  const { observed, met, check } = result;
  // What is met ends with what was asked for, and need not be told twice.
  const seen = observed === '' || (met && check.text.endsWith(` ${observed}`)) ? '' : ` (it says: ${observed})`;
  return { name: met ? 'Met' : 'Not yet', value: `${check.text}${seen}` };
}

function waitingText(incident: Incident): Section[] {
  if (incident.status !== 'verifying') return [];
  const checks = incident.verification?.results.filter((result) => !result.met).map((result) => result.check) ?? [];
  const longest = Math.max(0, ...checks.map((check) => check.withinSeconds));
  const text =
    longest === 0
      ? 'Read from the platform itself. It is not resolved before all are met.'
      : `Read from the platform itself. The last check may take ${minutesWords(longest / 60)}.`;
  return [{ kind: 'text', voice: 'ours', text }];
}
