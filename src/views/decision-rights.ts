import {
  approvalsNeeded,
  freezeAt,
  listedPeople,
  needsCheck,
  policyFaults,
  rightsFault,
  selfApprovalFault,
  standingVotes,
} from '../domain/approval.js';
import type { Action, Section } from '../domain/card.js';
import type { Form } from '../domain/form.js';
import type { Incident, ProposalVersion } from '../domain/incident.js';
import { formFor } from '../domain/modify.js';
import type { Policy } from '../domain/policy.js';
import type { Proposal } from '../domain/proposal.js';
import type { ViewOptions } from './headline-card.js';
import { counted, enumerate, instantWords } from './words.js';

const NAMES_SHOWN = 6;

/** Who may approve this version, and who may not although they are on the list, with the reason. */
export function approverRows(
  incident: Incident,
  version: ProposalVersion,
  { policy }: ViewOptions,
): { name: string; value: string }[] {
  const { proposal } = version;
  const listed = [...listedPeople(policy, policy.approvers.risk[proposal.risk.level])];
  const voted = new Set(standingVotes(policy, incident, proposal, version.votes).map((vote) => vote.by.id));
  const able = listed.filter(
    (who) => !voted.has(who) && !(rightsFault(policy, proposal, who) ?? selfApprovalFault(incident, proposal, who)),
  );
  const barred = listed.flatMap((who) => selfApprovalFault(incident, proposal, who) ?? []);
  const rows = [
    { name: 'Approval', value: approvalText(policy, incident, version) },
    { name: 'Who may approve', value: able.length === 0 ? 'nobody' : named(able) },
  ];
  return barred.length === 0 ? rows : [...rows, { name: 'Who may not', value: `${barred.join('. ')}.` }];
}

function named(people: string[]): string {
  if (people.length <= NAMES_SHOWN) return people.join(', ');
  return `${people.slice(0, NAMES_SHOWN).join(', ')} and ${people.length - NAMES_SHOWN} more`;
}

function approvalText(policy: Policy, incident: Incident, { proposal, votes }: ProposalVersion): string {
  const { level } = proposal.risk;
  const needed = approvalsNeeded(policy, level);
  const standing = standingVotes(policy, incident, proposal, votes);
  const asked = needed === 1 ? 'One person' : `${needed} different people`;
  const check = needsCheck(level) ? ', each saying what they checked' : '';
  const one = needed === 1 ? check.replace('each ', '') : check;
  if (standing.length === 0) return `${asked}${one}`;
  return `${asked}${one}; ${counted(needed - standing.length, 'more is', 'more are')} missing after ${enumerate(standing.map((vote) => vote.by.id))}`;
}

/** Why nobody can approve this now, said before somebody tries. */
export function obstacles(incident: Incident, proposal: Proposal, { policy, now }: ViewOptions): Section[] {
  const faults = policyFaults(policy, proposal);
  const freeze = freezeAt(policy, now);
  if (freeze !== undefined) {
    faults.push(`there is a change freeze until ${instantWords(new Date(freeze.to).toISOString())}: ${freeze.reason}`);
  }
  const { level } = proposal.risk;
  if (listedPeople(policy, policy.approvers.risk[level]).size === 0)
    faults.push(`the policy names nobody for ${level} risk`);
  if (faults.length === 0) return [];
  const text = `Nobody can approve ${incident.id} now: ${faults.join('; ')}. It can still be rejected.`;
  return [{ kind: 'text', voice: 'ours', label: 'Blocked by policy', text }];
}

/**
 * The buttons. A trivial repair needs one click; everything else a word from the person who clicks. Their texts do not depend on
 * who approved so far, so that a form somebody is filling in stays as it is.
 */
export function actionsFor(version: ProposalVersion, { policy }: ViewOptions): Action[] {
  const { proposal } = version;
  const { level } = proposal.risk;
  const approve: Action = { verdict: 'approve', label: 'Approve', style: 'primary' };
  if (needsCheck(level)) approve.form = approveForm(policy, approvalsNeeded(policy, level));
  const modify = formFor(proposal, policy);
  return [
    approve,
    ...(modify.fields.length === 0
      ? []
      : [{ verdict: 'modify', label: 'Modify', style: 'plain', form: modify } satisfies Action]),
    { verdict: 'reject', label: 'Reject', style: 'danger', form: REJECT_FORM },
  ];
}

function approveForm(policy: Policy, needed: number): Form {
  return {
    title: 'Approve the repair',
    submit: needed === 1 ? 'Approve and run' : 'Approve',
    fields: [
      {
        kind: 'text',
        name: 'words',
        label: 'What did you check yourself?',
        hint: 'In your own words: what you looked at and what you saw. It goes into the log with your name.',
        value: '',
        required: true,
        minLength: policy.minimumCheckLength,
        maxLength: 1000,
        multiline: true,
      },
    ],
  };
}

const REJECT_FORM: Form = {
  title: 'Reject the repair',
  submit: 'Reject',
  fields: [
    {
      kind: 'text',
      name: 'words',
      label: 'Why not?',
      hint: 'So that the next person knows what to change. Nothing will be carried out.',
      value: '',
      required: true,
      minLength: 3,
      maxLength: 1000,
      multiline: true,
    },
  ],
};
