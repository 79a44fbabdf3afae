import type { Expectation } from './proposal.js';

/** How `one_of` lists its values: comma-separated, blanks around them do not count. */
function listed(value: string): string[] {
  return value.split(',').map((item) => item.trim());
}

function asNumber(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/**
 * Whether an observed fact meets the expectation. Text is compared as it is; at_least and at_most compare numbers, and what is
 * not a number (such as `absent`) meets neither.
 */
export function isMet(expectation: Pick<Expectation, 'op' | 'value'>, observed: string): boolean {
  const { op, value } = expectation;
  switch (op) {
    case 'equals':
      return observed === value;
    case 'not_equals':
      return observed !== value;
    case 'one_of':
      return listed(value).includes(observed);
    case 'at_least':
      return asNumber(observed) >= asNumber(value);
    case 'at_most':
      return asNumber(observed) <= asNumber(value);
  }
}
