import type { Redactor } from '../src/domain/ports.js';
import type { ProposalStep } from '../src/domain/proposal.js';
import type { ToolAnswer, ToolOutcome } from '../src/domain/tool.js';
import { bounded } from './bounds.js';
import { looksLikeInstruction } from './injection.js';
import { linesOf, record, visible } from './text.js';

/** Most bytes of one observation: twelve of them and the prompt stay well inside a small model's context. */
export const OBSERVATION_BYTES = 12_000;
const HEADLINE = 300;
/** The redactor's rules run on everything that a tool may say, so a tool that says too much is cut before them. */
const RAW_BYTES = 400_000;

/** The one door of tool text: cleaned, redacted, bounded and checked for planted orders, in this order. */
export function outcomeOf(answer: ToolAnswer, redactor: Redactor, scope: string): ToolOutcome {
  switch (answer.status) {
    case 'ok': {
      const raw = bounded(answer.text.split('\n').map(visible).join('\n'), RAW_BYTES);
      const redacted = redactor.redact(raw.text, scope);
      const { text, truncated } = bounded(redacted.text, OBSERVATION_BYTES);
      const headline = redactor.redact(oneLine(answer.headline ?? text.split('\n')[0] ?? ''), scope).text;
      return {
        status: 'ok',
        text,
        headline: headline.slice(0, HEADLINE),
        truncated: truncated || raw.truncated,
        redactions: redacted.count,
        flags: looksLikeInstruction(redacted.text) ? ['injection_suspected'] : [],
      };
    }
    case 'no_data': {
      const { text, count } = redactor.redact(record('no_data', { searched: answer.searched }), scope);
      return {
        ...plain('no_data', text),
        redactions: count,
        headline: `no data: ${oneLine(answer.searched)}`.slice(0, HEADLINE),
      };
    }
    case 'error':
      return errorOutcome(answer.safeText);
  }
}

/** An error in trusted words. */
export function errorOutcome(safeText: string): ToolOutcome {
  return { ...plain('error', record('error', { text: safeText })), headline: oneLine(safeText).slice(0, HEADLINE) };
}

/** A drafted step as the agent reads it; facts inside come from the platform, so they pass the same door. */
export function stepOutcome(step: ProposalStep, redactor: Redactor, scope: string): ToolOutcome {
  const block = (name: string, text: string): string[] => [name, ...linesOf(text).map((line) => `| ${line}`)];
  const text = [
    record('step', {
      do: step.action.do,
      title: step.title,
      idempotency: step.idempotency,
      restore_point: step.restorePoint,
    }),
    ...block('before', step.before),
    ...block('after', step.after),
    ...step.effects.map((effect) => record('effect', { text: effect })),
    record('touches', { datasets: step.touches.join(',') }),
    ...step.preconditions.map(({ fact, target, op, value }) => record('precondition', { fact, target, op, value })),
    ...step.verification.map(({ fact, target, op, value, withinSeconds }) =>
      record('verify', { fact, target, op, value, within_s: withinSeconds }),
    ),
  ].join('\n');
  return { ...outcomeOf({ status: 'ok', text, headline: `drafted: ${step.title}` }, redactor, scope), step };
}

/** Why no step was drafted. Not an error: the tool did its work, and the answer is no. */
export function refusalOutcome(reason: string, redactor: Redactor, scope: string): ToolOutcome {
  const { text, count } = redactor.redact(record('refused', { reason }), scope);
  return { ...plain('no_data', text), redactions: count, headline: `refused: ${oneLine(reason)}`.slice(0, HEADLINE) };
}

function plain(status: ToolOutcome['status'], text: string): ToolOutcome {
  return { status, text, headline: '', truncated: false, redactions: 0, flags: [] };
}

function oneLine(text: string): string {
  return linesOf(text).join(' ').trim();
}
