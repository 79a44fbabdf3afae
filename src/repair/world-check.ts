import { asAppError } from '../domain/errors.js';
import { isMet } from '../domain/expectation.js';
import type { FactReader } from '../domain/platform-ports.js';
import type { Expectation } from '../domain/proposal.js';
import { type Approved, isDone } from './run.js';

/** One expectation against the world as it is now. */
export interface Reading {
  check: Expectation;
  met: boolean;
  /** The fact as read, or why it could not be read, in our words. */
  observed: string;
  readable: boolean;
}

const OBSERVED_LIMIT = 500;

/** Reads the facts that these expectations speak of; each fact once. A fact that can not be read meets nothing. */
export async function readWorld(
  facts: FactReader,
  expectations: readonly Expectation[],
  signal: AbortSignal,
): Promise<Reading[]> {
  const asked = new Map<string, Promise<{ text: string; readable: boolean }>>();
  const read = (check: Expectation): Promise<{ text: string; readable: boolean }> => {
    const name = JSON.stringify([check.fact, check.target]);
    const known = asked.get(name) ?? ask(facts, check, signal);
    asked.set(name, known);
    return known;
  };
  return Promise.all(
    expectations.map(async (check) => {
      const { text, readable } = await read(check);
      return { check, met: readable && isMet(check, text), observed: text.slice(0, OBSERVED_LIMIT), readable };
    }),
  );
}

async function ask(
  facts: FactReader,
  check: Expectation,
  signal: AbortSignal,
): Promise<{ text: string; readable: boolean }> {
  try {
    return { text: await facts.read(check.fact, check.target, signal), readable: true };
  } catch (error) {
    return { text: `could not be read: ${asAppError(error).safeText}`, readable: false };
  }
}

/** What moved, as the card says it: the promise, and what is there instead. */
export function movedText({ check, observed }: Reading): string {
  return `${check.text || `${check.fact} of ${check.target}`}: expected ${check.op.replaceAll('_', ' ')} ${check.value}, found ${observed}`;
}

/**
 * The preconditions that must hold before these steps are carried out. When earlier steps of the plan are already done, the facts
 * that those steps rest on are theirs to change and are left out.
 */
export function preconditionsOf(approved: Approved, steps: readonly number[]): Expectation[] {
  const nameOf = ({ fact, target }: Expectation): string => JSON.stringify([fact, target]);
  const changedByUs = new Set(
    approved.proposal.steps.flatMap((step, index) =>
      isDone(approved.progress.get(index)) ? step.preconditions.map(nameOf) : [],
    ),
  );
  return steps
    .flatMap((step) => approved.proposal.steps[step]?.preconditions ?? [])
    .filter((expectation) => !changedByUs.has(nameOf(expectation)));
}
