import type { Card, Section } from '../domain/card.js';
import type { Incident } from '../domain/incident.js';
import { investigationCalls } from '../domain/question.js';
import { changedAnything, patchedFiles, stepStates } from './repair-state.js';
import { argsText } from './trace.js';
import { counted, enumerate, minutesWords, sentence } from './words.js';

type Ending = Pick<Card, 'title' | 'tone' | 'sections'>;

/** The last card of the thread: how it ended, and what the person who takes over needs. */
export function outcomeCard(incident: Incident): Card | undefined {
  const ending = endingOf(incident);
  return ending === undefined ? undefined : { id: 'outcome', actions: [], ...ending };
}

function endingOf(incident: Incident): Ending | undefined {
  switch (incident.status) {
    case 'resolved':
      return resolved(incident);
    case 'reopened':
      return reopened(incident);
    case 'outcome_unknown':
      return unknown(incident);
    case 'escalated':
      return escalated(incident);
    case 'expired':
      return expired(incident);
    case 'closed':
      return {
        title: 'Closed',
        tone: 'neutral',
        sections: [ours(sentence(incident.closedBecause ?? 'No reason was given'))],
      };
    default:
      return undefined;
  }
}

function ours(text: string): Section {
  return { kind: 'text', voice: 'ours', text };
}

function resolved(incident: Incident): Ending {
  const approved = enumerate(incident.decision?.statement.votes.map((vote) => vote.by.id) ?? []);
  const leftForPerson = patchReminder(incident);
  return {
    title: `Resolved in ${minutesWords(incident.resolvedMinutes ?? 0)}, recovery verified`,
    tone: 'good',
    sections: [
      ours(`Approved by ${approved}. Time runs from the alert to verified recovery.`),
      ...(leftForPerson.length > 0 ? leftForPerson : [ours('There is nothing left to do here.')]),
    ],
  };
}

/** A code patch is nobody's job unless it is said. */
function patchReminder(incident: Incident): Section[] {
  const files = patchedFiles(incident);
  if (files.length === 0) return [];
  return [ours(`Still for a person: the patch for ${enumerate(files)}, attached to the proposal.`)];
}

function reopened(incident: Incident): Ending {
  return {
    title: 'Reopened: the repair did not bring recovery',
    tone: 'bad',
    sections: [
      { kind: 'list', title: 'What failed', items: incident.reopenedBecause },
      ...waysBack(incident),
      ours('Countersign does nothing more here by itself. Take over by hand.'),
    ],
  };
}

/** Restore points of what was, or may have been, carried out. */
function waysBack(incident: Incident): Section[] {
  const repair = incident.repairs.at(-1);
  if (repair === undefined) return [];
  const touched = stepStates(incident, repair).filter(({ phase }) => phase !== 'waiting');
  if (touched.length === 0) return [];
  const items = touched.map(({ title, restorePoint }) => `${title}: ${restorePoint}`);
  return [{ kind: 'list', title: 'How to get back', items }];
}

function unknown(incident: Incident): Ending {
  const repair = incident.repairs.at(-1);
  const open = repair === undefined ? [] : stepStates(incident, repair);
  const items = open
    .filter(({ phase }) => phase === 'unknown' || phase === 'started')
    .map(({ title, detail }) => `${title}${detail === '' ? '' : `. ${detail}`}`);
  return {
    title: 'Outcome unknown: a person must look',
    tone: 'bad',
    sections: [
      ours('The repair was started and its answer was lost. It was not sent again. Look at the target before you act.'),
      ...(items.length === 0 ? [] : [{ kind: 'list', title: 'What may or may not have happened', items } as const]),
      ...waysBack(incident),
    ],
  };
}

/** Why is on the card that nobody can decide on any more. */
function expired(incident: Incident): Ending {
  const untouched = changedAnything(incident) ? '' : 'Nothing was changed. ';
  return {
    title: 'Nothing was repaired: a person must take over',
    tone: 'bad',
    sections: [ours(`${untouched}The pipeline is still broken, and Countersign does nothing more here by itself.`)],
  };
}

function escalated(incident: Incident): Ending {
  const { escalation, diagnosis } = incident;
  const untouched = changedAnything(incident) ? '' : ' Nothing was changed.';
  const ruledOut = diagnosis?.ruledOut.map(({ hypothesis, why }) => `${hypothesis.replace(/\.$/, '')}: ${why}`) ?? [];
  const learned = investigationCalls(incident).map(
    ({ call, answer }) => `${call.call}. ${call.tool}: ${answer?.headline ?? `no answer to ${argsText(call.args)}`}`,
  );
  return {
    title: `Escalated to ${escalation?.to ?? 'a person'}`,
    tone: 'bad',
    sections: [
      ours(`${escalation?.reason ?? ''}${untouched}`),
      ...(learned.length === 0
        ? []
        : [
            {
              kind: 'list',
              title: `Start from what was looked at: ${counted(learned.length, 'tool call')}${escalation?.partial ? ', not finished' : ''}`,
              items: learned,
              voice: 'outside',
            } as const,
          ]),
      ...(ruledOut.length === 0
        ? []
        : [{ kind: 'list', title: 'Already ruled out', items: ruledOut, voice: 'model' } as const]),
    ],
  };
}
