import { z } from 'zod';

/** What every tool call must carry, so that a trace without reasoning can not exist. */
const Reasoning = {
  thought: z
    .string()
    .min(1)
    .max(600)
    .describe('Why this call, in one to three short plain sentences. It is read in a chat thread at night.'),
  hypothesis: z.string().min(1).max(300).describe('What you now believe happened, in one sentence.'),
  confidence: z.number().min(0).max(1).describe('How sure you are of the hypothesis, 0 to 1.'),
};

export interface SplitCall {
  thought: string;
  hypothesis: string;
  confidence: number;
  /** What the tool itself is called with. */
  args: Record<string, unknown>;
  /** False when thought, hypothesis or confidence is missing: the call is refused and still counts. */
  complete: boolean;
}

/**
 * A tool's schema with the reasoning put first, so that a model thinks before it fills in arguments. Unknown arguments
 * pass: the catalog refuses them in words, where dropping them would hide the mistake.
 */
export function withReasoning(args: z.ZodObject): z.ZodObject {
  return z.looseObject({ ...Reasoning, ...args.shape });
}

/** Takes the reasoning off a call as the model wrote it; never throws, whatever the model wrote. */
export function splitReasoning(raw: unknown): SplitCall {
  const given = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
  const { thought, hypothesis, confidence, ...args } = given;
  const text = (value: unknown, limit: number): string =>
    typeof value === 'string' ? value.trim().slice(0, limit) : '';
  const sure = typeof confidence === 'number' && Number.isFinite(confidence) ? confidence : undefined;
  const split = { thought: text(thought, 600), hypothesis: text(hypothesis, 300) };
  return {
    thought: split.thought || '(no thought was given)',
    hypothesis: split.hypothesis || '(no hypothesis was given)',
    confidence: Math.min(1, Math.max(0, sure ?? 0)),
    args,
    complete: split.thought !== '' && split.hypothesis !== '' && sure !== undefined && sure >= 0 && sure <= 1,
  };
}
