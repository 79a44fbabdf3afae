import { z } from 'zod';
import { Category, Change, Component } from '../domain/diagnosis.js';

/** The name of the answer tool: the only one left at the cap and after an early stop. */
export const ANSWER_TOOL = 'conclude';

/** A quote of a tool's answer, as a model gives it. */
export const Quote = z.object({
  call: z.string().describe('Id of the tool call whose answer is quoted, e.g. call_3'),
  quote: z
    .string()
    .describe(
      'Copied byte for byte from that answer: part of one line, or whole lines. Never reworded, never shortened with dots.',
    ),
  supports: z.string().default('').describe('What the quote shows.'),
});

const Cause = z.object({
  category: Category,
  component: Component,
  entity: z
    .string()
    .regex(/^[a-z0-9_]+:.+/)
    .describe(
      '<component>:<path>, e.g. delta:silver.orders, registry:shop.orders, k8s:node/n-7, spark:config/app.image',
    ),
  change: Change,
  claim: z.string().describe('What happened, in one sentence.'),
  evidence: z.array(Quote).describe('At least one quote; a cause without a quote that stands is not accepted.'),
});

/** What the model concludes with. Bounds on text are applied by code afterwards, so that a long sentence costs no turn. */
export const Answer = z
  .object({
    outcome: z
      .enum(['repair', 'escalate', 'no_action', 'inconclusive'])
      .describe('repair needs a plan; no_action means the alert needs nothing; inconclusive is an honest answer.'),
    causes: z.array(Cause).describe('Every root cause, each once; none for a false alarm or when unknown.'),
    summary: z.string().describe('The story for the person on call, in two to five short sentences.'),
    confidence: z.number().min(0).max(1),
    evidence: z.array(Quote).default([]).describe('Further quotes that belong to no cause.'),
    ruled_out: z.array(z.object({ hypothesis: z.string(), why: z.string() })).default([]),
    plan: z.array(z.string()).default([]).describe('Ids of your propose_* calls in the order they must run.'),
    reason: z.string().default('').describe('For escalate, no_action and inconclusive: why, in one sentence.'),
    patch: z
      .object({ file: z.string(), diff: z.string(), note: z.string() })
      .optional()
      .describe('A code change for a person to look at. It is never executed.'),
  })
  .meta({
    title: ANSWER_TOOL,
    description: 'Ends the investigation with one diagnosis and, for a repair, the plan of steps you drafted.',
  });
export type Answer = z.infer<typeof Answer>;

/** The tool with which a run ends: its name, how its arguments are read, and what the model is shown of them. */
export interface AnswerTool<T> {
  name: string;
  schema: z.ZodType<T>;
  /** As a model may write it: what has a default may be left out. */
  json: { type: 'object'; [key: string]: unknown };
}

/** The schema's title is the tool's name. */
export function answerTool<T>(name: string, schema: z.ZodType<T>): AnswerTool<T> {
  return { name, schema, json: { ...z.toJSONSchema(schema, { io: 'input' }), type: 'object' } };
}

/** Ends an investigation. */
export const conclude: AnswerTool<Answer> = answerTool(ANSWER_TOOL, Answer);
