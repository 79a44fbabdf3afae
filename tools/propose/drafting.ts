import type { Policy } from '../../src/domain/policy.js';
import type { Expectation, FactName } from '../../src/domain/proposal.js';

export interface Refusal {
  refused: string;
}

/** The policy's word on names that may never be touched; undefined when it has none. */
export function protectedFault(policy: Policy, names: readonly string[]): string | undefined {
  const covers = (pattern: string, name: string): boolean =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  const name = names.find((candidate) => policy.protectedTargets.some((pattern) => covers(pattern, candidate)));
  return name === undefined ? undefined : `${name} is protected by the policy; a person has to change it.`;
}

/** A fact as it was read just now: the approval dies when it changes. */
export function stillHolds(fact: FactName, target: string, value: string, text: string): Expectation {
  return { fact, target, op: 'equals', value, text: text.slice(0, 300), withinSeconds: 0 };
}

/** A promise for after the repair, with the time the world may take. */
export function willHold(
  fact: FactName,
  target: string,
  value: string,
  text: string,
  withinSeconds: number,
): Expectation {
  return { fact, target, op: 'equals', value, text: text.slice(0, 300), withinSeconds };
}
