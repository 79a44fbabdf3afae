import type { Refusal } from './fault.js';

/** What views.open, push, update and publish would answer to a view they do not take; undefined when they take it. */
export function validateView(view: unknown): Refusal | undefined {
  void view;
  return undefined;
}
