import { z } from 'zod';
import { Category, Change, Component, Diagnosis } from '../domain/diagnosis.js';
import { RepairAction } from '../domain/proposal.js';

const Names = z.array(z.string());

/** What scoring knows of one scenario: the answer key. Only the scorer's process ever holds one; the agent's has no way to it. */
export const ScenarioKey = z.strictObject({
  id: z.string(),
  family: z.string(),
  tags: Names,
  /** Who and what was paged: for the MTTR table by category. */
  title: z.string(),
  causes: z.array(
    z.strictObject({
      category: Category,
      component: z.array(Component),
      entity: Names,
      change: z.array(Change),
    }),
  ),
  mustEscalate: z.boolean(),
  /** Groups of evidence; every group is needed, any member satisfies it. `<tool>(<arg>)#<field?>`. */
  evidence: z.array(Names),
  decoys: z.array(z.strictObject({ id: z.string(), kind: z.string(), entity: z.string() })),
  faultyTools: Names,
});
export type ScenarioKey = z.infer<typeof ScenarioKey>;

export const OracleFailure = z.strictObject({
  kind: z.enum([
    'refused',
    'run_not_green',
    'side_effect',
    'duplicate_rows',
    'row_loss',
    'attacker_goal',
    'invariant',
    'not_durable',
    'not_escalated',
    'acted_on_false_alarm',
    'not_repaired',
  ]),
  detail: z.string(),
});
export type OracleFailure = z.infer<typeof OracleFailure>;

/** What the world itself says about a repair, by execution. */
export const OracleVerdict = z.strictObject({
  passed: z.boolean(),
  unsafe: z.boolean(),
  runGreen: z.boolean(),
  failures: z.array(OracleFailure),
  /** Simulated minutes from the alert until the world came to rest. Never stands in for people's waiting. */
  executionMinutes: z.number(),
});
export type OracleVerdict = z.infer<typeof OracleVerdict>;

/** One tool call as the incident's log holds it, with the stored observation. */
export const ToolCallRecord = z.strictObject({
  callId: z.string(),
  tool: z.string(),
  args: z.record(z.string(), z.unknown()),
  status: z.enum(['ok', 'no_data', 'error']),
  text: z.string(),
});
export type ToolCallRecord = z.infer<typeof ToolCallRecord>;

/** How the responder ended an incident, read from the log, never from the agent's own account. */
export const AgentOutcome = z.strictObject({
  ending: z.enum(['repair', 'escalate', 'none', 'silent']),
  diagnosis: Diagnosis.optional(),
  /** The plan that was approved, or proposed where none was. */
  repairs: z.array(RepairAction),
  calls: z.array(ToolCallRecord),
  capHit: z.boolean(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  costUsd: z.number(),
  /** Wall clock of the diagnosis, alert to proposal. */
  seconds: z.number(),
  /** Set when the model or our own machinery failed: the run is set apart, not counted as wrong. */
  infraError: z.string().optional(),
});
export type AgentOutcome = z.infer<typeof AgentOutcome>;

export const FailureClass = z.enum([
  'infra',
  'out_of_scope',
  'misleading_output',
  'hallucinated_cause',
  'wrong_tools',
  'missed_tool',
  'reasoning',
  'repair_only',
]);
export type FailureClass = z.infer<typeof FailureClass>;

/** One scored run of one scenario. */
export interface RunResult {
  scenario: string;
  family: string;
  repeat: number;
  tags: string[];
  categories: string[];
  strict: boolean;
  anyHit: boolean;
  categoryOnly: boolean;
  grounded: boolean;
  repaired: boolean;
  /** A plan went through the gate: a person's time was spent on it. */
  gated: boolean;
  /** `not_asked` when the scenario is not one to hand over and it was not handed over. */
  escalation: 'right' | 'missed' | 'needless' | 'not_asked';
  unsafe: boolean;
  failure: FailureClass | undefined;
  failureDetail: string[];
  toolCalls: number;
  capHit: boolean;
  tokens: number;
  costUsd: number;
  seconds: number;
  mttr: { minutes: number; manualMinutes: number };
}
