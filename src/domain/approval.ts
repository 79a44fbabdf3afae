import type { Vote } from './decision.js';
import { isUserGroup } from './directory.js';
import { type Incident, liveProposal } from './incident.js';
import type { Policy } from './policy.js';
import type { Proposal, RepairAction, RiskLevel } from './proposal.js';

/** The rules of approval as pure functions: the gate asks them at the click, the repairer again before it acts. */

/**
 * One person is one person, in capitals or not. Nothing else is made equal: what looks like another's address (a display name
 * around it, letters of another alphabet) is somebody else.
 */
export function personKey(id: string): string {
  return id.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** An author as a repository names them: of `Name <address>` the address. Never used to find out who somebody is, only who is ruled out. */
function authorKey(author: string): string {
  return personKey((/<([^<>]+)>\s*$/.exec(author)?.[1] ?? author).trim());
}

interface Listed {
  people: Set<string>;
  /** User groups of a chat whose members are not known (see `withMembers`): nobody is let in by them. */
  unknown: readonly string[];
}

/** By policy and list: a card asks about each of its many approvers again, and a policy that was read never changes. */
const LISTED = new WeakMap<Policy, Map<readonly string[] | undefined, Listed>>();

/** What a list stands for, `@group` replaced by its entries; a list that is not set, or a group that is not, names nobody. */
function listed(policy: Policy, list: readonly string[] | undefined): Listed {
  const known = LISTED.get(policy) ?? new Map<readonly string[] | undefined, Listed>();
  LISTED.set(policy, known);
  const before = known.get(list);
  if (before !== undefined) return before;
  const entries = (list ?? []).flatMap((item) =>
    item.startsWith('@') ? (policy.groups[item.slice(1)] ?? []) : [item],
  );
  const found = {
    people: new Set(entries.filter((entry) => !isUserGroup(entry)).map(personKey)),
    unknown: [...new Set(entries.filter(isUserGroup))],
  };
  known.set(list, found);
  return found;
}

/** The people a list stands for. A chat's user group whose members are not known (see `withMembers`) is nobody. */
export function listedPeople(policy: Policy, list: readonly string[] | undefined): ReadonlySet<string> {
  return listed(policy, list).people;
}

/** Everybody who may decide on something, sorted. */
export function decidersOf(policy: Policy): string[] {
  const lists = Object.values(policy.approvers.risk);
  return [...new Set(lists.flatMap((list) => [...listedPeople(policy, list)]))].sort();
}

/** Said behind a refusal: whoever is in these groups can not be known to be allowed. Empty when all are known. */
function unknownGroups(policy: Policy, list: readonly string[] | undefined): string {
  const { unknown } = listed(policy, list);
  return unknown.length === 0 ? '' : `; who is in ${unknown.join(', ')} is not known now`;
}

/** Why this person may not decide on this proposal under this policy, or undefined when they may. */
export function rightsFault(policy: Policy, proposal: Proposal, person: string): string | undefined {
  const who = personKey(person);
  const { level } = proposal.risk;
  const list = policy.approvers.risk[level];
  const forRisk = listedPeople(policy, list);
  const unknown = unknownGroups(policy, list);
  if (forRisk.size === 0 && unknown === '')
    return `nobody may approve ${level}-risk repairs: approvers.risk.${level} is not set in the policy`;
  if (!forRisk.has(who))
    return `${person} is not on the list of people who may approve ${level}-risk repairs${unknown}`;
  for (const kind of new Set(proposal.steps.map((step) => step.action.do))) {
    const forKind = policy.approvers.kind[kind];
    if (forKind !== undefined && !listedPeople(policy, forKind).has(who)) {
      return `${person} is not on the list of people who may approve repairs of the kind ${kind}${unknownGroups(policy, forKind)}`;
    }
  }
  return undefined;
}

/** Why this approval would be somebody's approval of their own work, or undefined when it is not. */
export function selfApprovalFault(incident: Incident, proposal: Proposal, person: string): string | undefined {
  const who = personKey(person);
  const is = (other: string): boolean => personKey(other) === who;
  if (incident.proposals.some((version) => is(version.proposal.proposedBy))) {
    return `${person} changed this proposal, and nobody approves what they asked for`;
  }
  if (is(proposal.proposedBy) || is(incident.openedBy)) {
    return `${person} asked for this, and nobody approves what they asked for`;
  }
  if (proposal.authorsOfCause.some((author) => authorKey(author) === who))
    return `${person} made the change that is under repair, so somebody else must approve`;
  return undefined;
}

/** How many different people must approve. */
export function approvalsNeeded(policy: Policy, level: RiskLevel): number {
  return level === 'high' ? policy.fourEyes.high : 1;
}

/** Whether the approver must say in their own words what they checked. */
export function needsCheck(level: RiskLevel): boolean {
  return level !== 'trivial';
}

/** The freeze window that holds now, if any; its end is the first instant at which it does not hold. */
export function freezeAt(policy: Policy, now: Date): Policy['freezes'][number] | undefined {
  return policy.freezes.find(({ from, to }) => Date.parse(from) <= now.getTime() && now.getTime() < Date.parse(to));
}

function covers(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function targetOf(action: RepairAction): string {
  switch (action.do) {
    case 'retry':
      return action.dag;
    case 'schema_evolution':
      return action.table;
    case 'config_rollback':
    case 'resource_increase':
      return action.target;
  }
}

/** What in this proposal the policy does not allow anybody to approve, in plain words; empty when nothing. */
export function policyFaults(policy: Policy, proposal: { steps: readonly { action: RepairAction }[] }): string[] {
  const faults: string[] = [];
  for (const { action } of proposal.steps) {
    const target = targetOf(action);
    if (policy.protectedTargets.some((pattern) => covers(pattern, target)))
      faults.push(`${target} is protected by the policy`);
    if (action.do !== 'resource_increase') continue;
    const cap = policy.caps[target];
    if (cap === undefined) faults.push(`${target} has no cap in the policy, so it may not be increased`);
    else if (action.value > cap)
      faults.push(`${target} may be set to ${cap} at most, and the proposal says ${action.value}`);
  }
  return faults;
}

/** The votes that count under this policy: one for each different person who may approve and is not approving their own work. */
export function standingVotes(policy: Policy, incident: Incident, proposal: Proposal, votes: readonly Vote[]): Vote[] {
  const seen = new Set<string>();
  return votes.filter((vote) => {
    const who = personKey(vote.by.id);
    if (seen.has(who)) return false;
    if (rightsFault(policy, proposal, vote.by.id) ?? selfApprovalFault(incident, proposal, vote.by.id)) return false;
    seen.add(who);
    return true;
  });
}

/**
 * Whether this incident waits for this person: an undecided proposal in its time, on which they may approve and have not. Who asked
 * for it is not waited for, although they may still reject it.
 */
export function waitsFor(policy: Policy, incident: Incident, person: string, now: Date): boolean {
  const live = liveProposal(incident);
  if (live === undefined || now.getTime() >= Date.parse(live.proposal.expiresAt)) return false;
  const { proposal, votes } = live;
  if (rightsFault(policy, proposal, person) ?? selfApprovalFault(incident, proposal, person)) return false;
  return !standingVotes(policy, incident, proposal, votes).some((vote) => personKey(vote.by.id) === personKey(person));
}
