/** What Slack answers to a payload it does not take: `error` and `response_metadata.messages`. */
export interface Refusal {
  error: string;
  /** e.g. `[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]` */
  messages: string[];
}

/** Where a payload is shown; some blocks are taken in one place and refused in another. */
export type Surface = 'message' | 'modal' | 'home';

/** One pass over a payload: where it is shown, and what was found wrong so far. */
export interface Checking {
  surface: Surface;
  faults: string[];
}

/** Checks one value; `at` is its JSON pointer. */
export type Rule = (value: unknown, at: string, checking: Checking) => void;

export function fault(checking: Checking, at: string, text: string): void {
  checking.faults.push(`[ERROR] ${text} [json-pointer:${at}]`);
}

/** Pointer to a member (RFC 6901). */
export function below(at: string, key: string | number): string {
  return `${at}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Slack counts characters as people do: code points, not the halves of surrogate pairs. */
export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
