import { formFor } from './modify.js';
import type { Proposal } from './proposal.js';

/** The lines in which two versions differ, as before and after. */
export function editDiff(before: Proposal, after: Proposal): { before: string; after: string } {
  const old = editableLines(before);
  const now = editableLines(after);
  return {
    before: old.filter((line) => !now.includes(line)).join('\n') || '(nothing)',
    after: now.filter((line) => !old.includes(line)).join('\n') || '(nothing)',
  };
}

/** A field of the form is called as it is there; what follows from it by its own name. */
function editableLines(proposal: Proposal): string[] {
  const several = proposal.steps.length > 1;
  const labels = new Map(formFor(proposal).fields.map(({ name, label }) => [name, label]));
  const steps = proposal.steps.flatMap(({ action }, at) =>
    leaves(action, '').map(([name, value]) => {
      const own = `${several ? `step ${at + 1} ` : ''}${name}`;
      return `${labels.get(`steps.${at}.${name}`) ?? own}: ${value}`;
    }),
  );
  return [...steps, `risk: ${proposal.risk.level}`];
}

function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  if (Array.isArray(value)) return [[path, value.join(', ') || '(none)']];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}
