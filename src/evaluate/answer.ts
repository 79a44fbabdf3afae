import { z } from 'zod';
import { Category, Change, Component } from '../domain/diagnosis.js';
import { ConfigRollback, ResourceIncrease, Retry, SchemaEvolution } from '../domain/proposal.js';

const Escalate = z.strictObject({
  do: z.literal('escalate'),
  team: z.string().min(1).max(250),
  reason: z.string().max(1000).default(''),
});
const Nothing = z.strictObject({ do: z.literal('none'), reason: z.string().max(1000).default('') });

/** One step of a plan as it is judged: a repair of the closed list, or one of the two ways to end without one. */
export const AnswerStep = z.discriminatedUnion('do', [
  Retry,
  SchemaEvolution,
  ConfigRollback,
  ResourceIncrease,
  Escalate,
  Nothing,
]);
export type AnswerStep = z.infer<typeof AnswerStep>;

const AnswerCause = z
  .strictObject({
    category: Category.exclude(['none']),
    component: Component,
    entity: z
      .string()
      .regex(/^[a-z0-9_]+:\S+$/, 'an entity is <component>:<path>')
      .max(300),
    change: Change.exclude(['none']),
    claim: z.string().max(600).default('').describe('What happened, in one sentence. Read by people, not scored.'),
  })
  .refine((cause) => cause.entity.startsWith(`${cause.component}:`), {
    path: ['component'],
    error: 'must be what stands before the colon of the entity',
  });

const AnswerQuote = z.strictObject({
  call: z.string().min(1).max(40).describe('Id of the call whose answer is quoted, e.g. call_3'),
  quote: z
    .string()
    .min(8)
    .max(1000)
    .describe('Copied byte for byte from that answer. What is not found there is struck.'),
  supports: z.string().max(300).default(''),
});

/** Everything of an answer but the plan, which the platform's own reader reads. */
const Rest = {
  causes: z.array(AnswerCause).max(5).describe('Every root cause, each once; none for a false alarm or when unknown.'),
  evidence: z.array(AnswerQuote).max(12).default([]),
  evidence_ids: z
    .array(z.string().min(1).max(40))
    .max(12)
    .default([])
    .describe('Instead of quotes: ids of the calls whose whole answers are the evidence.'),
  flags: z.array(z.enum(['injection_suspected', 'tool_unreliable'])).default([]),
  report: z.string().max(2000).default('').describe('The story for the person on call. Not scored.'),
  confidence: z.number().min(0).max(1).default(1),
};

const PLAN = 'Ordered steps, carried out as one change. escalate and none stand alone.';

/** `answer.json` as it is written: what a model is shown, and what is promised to other agents. */
const WrittenAnswer = z.strictObject({ ...Rest, plan: z.array(AnswerStep).min(1).max(6).describe(PLAN) });

const RawAnswer = z.strictObject({
  ...Rest,
  plan: z.array(z.unknown()).min(1, 'write [{"do": "escalate", …}] or [{"do": "none", …}] where nothing is repaired'),
});

/** An answer that was read: its plan in the domain's terms. */
export const SubmittedAnswer = z.strictObject({ ...Rest, plan: z.array(AnswerStep) });
export type SubmittedAnswer = z.infer<typeof SubmittedAnswer>;

export interface AnswerFault {
  field: string;
  message: string;
}

/** Reads a plan in any of its written forms and says which steps the benchmark's gate would not let through. */
export type ReadPlan = (steps: readonly unknown[]) => Promise<{ plan: AnswerStep[] } | { faults: AnswerFault[] }>;

/** JSON schema of an answer. */
export function answerSchema(): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(WrittenAnswer, { io: 'input' });
  return schema;
}

/** Reads an answer; every field at fault is named at once, so that one correction is enough. */
export async function readAnswer(
  raw: unknown,
  readPlan: ReadPlan,
): Promise<{ answer: SubmittedAnswer } | { faults: AnswerFault[] }> {
  const read = RawAnswer.safeParse(raw);
  const steps = (raw as { plan?: unknown } | null | undefined)?.plan;
  const plan = Array.isArray(steps) && steps.length > 0 ? await readPlan(steps) : { faults: [] };
  const faults = [...(read.success ? [] : faultsOf(read.error)), ...('faults' in plan ? plan.faults : [])];
  if (!read.success || faults.length > 0 || !('plan' in plan)) return { faults };
  return { answer: { ...read.data, plan: plan.plan } };
}

/** The issues of a schema as fields and words. */
function faultsOf(error: z.ZodError): AnswerFault[] {
  return error.issues.map((issue) => ({ field: issue.path.join('.') || '(answer)', message: issue.message }));
}
