import { structuredPatch } from 'diff';
import { stringify } from 'yaml';
import type { Proposal } from '../domain/proposal.js';

const DIFF_LIMIT = 8000;

/** What a proposal would do, as lines: made from its typed fields, so two versions differ here exactly where they differ in effect. */
function proposalText(proposal: Proposal): string {
  const text = stringify(
    {
      steps: proposal.steps.map(({ action, after, effects, idempotency }) => ({
        ...action,
        after,
        effects,
        idempotency,
      })),
      risk: proposal.risk.level,
      because: proposal.risk.reasons,
      datasets: proposal.blastRadius.datasets,
      pipelines: proposal.blastRadius.pipelines.map((pipeline) => pipeline.dag),
      expires: proposal.expiresAt,
    },
    { lineWidth: 0 },
  );
  return text;
}

/** The edit as diff lines, for the thread and the log; bounded. */
export function proposalDiff(before: Proposal, after: Proposal): string {
  const { hunks } = structuredPatch('', '', proposalText(before), proposalText(after), '', '', { context: 1 });
  const lines = hunks.flatMap((hunk) => hunk.lines).filter((line) => !line.startsWith('\\'));
  const text = lines.join('\n');
  return text.length <= DIFF_LIMIT ? text : `${text.slice(0, DIFF_LIMIT - 2)}\n…`;
}

/** Only what went and what came, in one line: for an answer in a chat. */
export function changesInOneLine(before: Proposal, after: Proposal): string {
  const changed = proposalDiff(before, after)
    .split('\n')
    .filter((line) => line.startsWith('-') || line.startsWith('+'))
    .map((line) => `${line[0]} ${line.slice(1).trim()}`);
  const text = changed.join(' · ');
  return text.length <= 600 ? text : `${text.slice(0, 599)}…`;
}
