import type { Field } from './form.js';
import type { ProposalStep, Retry } from './proposal.js';
import type { EditContext, Edited } from './step-edit-types.js';
import { retryAfter, retryTitle, retryVerification } from './step-text.js';

const namesIn = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter((name) => name !== ''))];
const runningOf = (action: Retry): string[] => (action.tasks === 'failed' ? [] : action.tasks);

/** What a person may change about a retry: which of the proposed tasks run, which are taken as done, and when. */
export function retryFields({ action }: ProposalStep): Field[] {
  if (action.do !== 'retry') return [];
  const all = [...runningOf(action), ...action.mark_success];
  const hint = `Names, separated by commas; of: ${all.join(', ')}`;
  return [
    {
      kind: 'text',
      name: 'tasks',
      label: 'Tasks to run again',
      hint,
      value: runningOf(action).join(', '),
      required: true,
      maxLength: 4000,
      multiline: false,
    },
    {
      kind: 'text',
      name: 'mark_success',
      label: 'Tasks to take as done',
      hint,
      value: action.mark_success.join(', '),
      required: false,
      maxLength: 4000,
      multiline: false,
    },
    {
      kind: 'number',
      name: 'not_before_minutes',
      label: 'Wait after approval',
      value: String(action.not_before_minutes),
      required: true,
      minimum: 0,
      maximum: 1440,
      unit: 'min',
    },
  ];
}

/** The retry with a person's choice; skipping a task that the drafting tool did not prove done makes it not safe to repeat. */
export function editRetry(
  step: ProposalStep,
  values: Record<string, string>,
  { inventory, policy }: EditContext,
): Edited {
  const { action } = step;
  if (action.do !== 'retry') return { step };
  const tasks = namesIn(values['tasks'] ?? '');
  const done = namesIn(values['mark_success'] ?? '');
  const minutes = Number(values['not_before_minutes'] || 'none');
  const faults = retryFaults(action, tasks, done, minutes);
  if (Object.keys(faults).length > 0) return { faults };
  const edited: Retry = { ...action, tasks, mark_success: done, not_before_minutes: minutes };
  const skipped = done.filter((task) => !action.mark_success.includes(task));
  const pipeline = inventory.pipelines.find(({ dag }) => dag === action.dag);
  const touches = tasks.flatMap((id) => pipeline?.tasks.find((task) => task.id === id)?.writes ?? []);
  return {
    step: {
      ...step,
      action: edited,
      title: retryTitle(edited),
      after: retryAfter(edited).slice(0, 4000),
      effects: [
        ...skipped.map(
          (task) => `${task} is set to success although it did not finish: its work is not done by this run.`,
        ),
        ...step.effects,
      ]
        .slice(0, 10)
        .map((text) => text.slice(0, 300)),
      // Nothing proves that the work of a task that a person skips was done.
      idempotency: skipped.length > 0 ? 'not_idempotent' : step.idempotency,
      touches: [
        ...new Set([
          ...touches,
          ...skipped.flatMap((id) => pipeline?.tasks.find((task) => task.id === id)?.writes ?? []),
        ]),
      ]
        .sort()
        .slice(0, 50),
      verification: retryVerification(edited, policy.verification.timeoutMinutes),
    },
  };
}

/** Only tasks that were proposed may be named, and a task whose rows are written already may not be made to run again. */
function retryFaults(
  action: Retry,
  tasks: readonly string[],
  done: readonly string[],
  minutes: number,
): Record<string, string> {
  const faults: Record<string, string> = {};
  const known = [...runningOf(action), ...action.mark_success];
  const strange = (names: readonly string[]): string | undefined => names.find((name) => !known.includes(name));
  if (tasks.length === 0) faults['tasks'] = 'name at least one task';
  else if (strange(tasks) !== undefined) faults['tasks'] = `${strange(tasks)} is not part of this proposal`;
  const written = tasks.find((task) => action.mark_success.includes(task));
  if (written !== undefined) faults['tasks'] = `${written} has already written; running it again may double its rows`;
  if (strange(done) !== undefined) faults['mark_success'] = `${strange(done)} is not part of this proposal`;
  const both = done.find((task) => tasks.includes(task));
  if (both !== undefined) faults['mark_success'] = `${both} can not be run again and taken as done at once`;
  if (!Number.isInteger(minutes) || minutes < 0 || minutes > 1440)
    faults['not_before_minutes'] = 'a whole number from 0 to 1440';
  return faults;
}
