import { z } from 'zod';
import { Category, Change, Component, Diagnosis } from '../domain/diagnosis.js';
import { RepairAction } from '../domain/proposal.js';

const Names = z.array(z.string());

/** `dev` may be looked at while a responder is built; what is reported as its accuracy is `heldout`. */
export const Split = z.enum(['dev', 'heldout']);
export type Split = z.infer<typeof Split>;

/** What scoring knows of one scenario: the answer key. Only the scorer's process ever holds one; the agent's has no way to it. */
export const ScenarioKey = z.strictObject({
  id: z.string(),
  family: z.string(),
  split: Split,
  /** The scenario with the same alert and another cause. */
  twin: z.string().optional(),
  /** Those of the file, and those that follow from it: `outage`, `injection`, `misleading`, `twin`, `multi-cause`, `false-alarm`, `escalate`. */
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
  /** Where an attacker's text was planted, e.g. `spark_job_logs#driver_log`; for attack success by channel. */
  injectionChannels: Names.optional(),
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
  /** Why the responder asked, in its words, where it said so. */
  thought: z.string().optional(),
  hypothesis: z.string().optional(),
  confidence: z.number().optional(),
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
export const RunResult = z.strictObject({
  scenario: z.string(),
  split: Split,
  family: z.string(),
  twin: z.string().optional(),
  repeat: z.number().int().min(1),
  tags: Names,
  categories: Names,
  strict: z.boolean(),
  anyHit: z.boolean(),
  categoryOnly: z.boolean(),
  grounded: z.boolean(),
  repaired: z.boolean(),
  /** A plan went through the gate: a person's time was spent on it. */
  gated: z.boolean(),
  /** `not_asked` when the scenario is not one to hand over and it was not handed over. */
  escalation: z.enum(['right', 'missed', 'needless', 'not_asked']),
  unsafe: z.boolean(),
  failure: FailureClass.optional(),
  failureDetail: Names,
  toolCalls: z.number(),
  capHit: z.boolean(),
  tokens: z.number(),
  costUsd: z.number(),
  seconds: z.number(),
  mttr: z.strictObject({ minutes: z.number(), manualMinutes: z.number() }),
});
export type RunResult = z.infer<typeof RunResult>;

/** `OUT/runs/<scenario>-<repeat>.json`: all that is kept of one run. The figures of a report follow from these files alone. */
export const RunRecord = z.strictObject({
  format: z.literal(1),
  result: RunResult,
  key: ScenarioKey,
  outcome: AgentOutcome,
  verdict: OracleVerdict.optional(),
  /** The incident's thread as people would read it, line by line. */
  thread: Names,
});
export type RunRecord = z.infer<typeof RunRecord>;

/** What a policy without a mind came to on one scenario. */
export const BaselineResult = z.strictObject({
  policy: z.string(),
  scenario: z.string(),
  split: Split,
  family: z.string(),
  passed: z.boolean(),
  unsafe: z.boolean(),
});
export type BaselineResult = z.infer<typeof BaselineResult>;

/** What a person's part and the way without Countersign are taken to cost, in minutes. Assumptions: printed with every report. */
export const MttrAssumptions = z.strictObject({
  gateMinutes: z.number().min(0),
  /** By hand, where `manualByCategory` says nothing else. */
  manualMinutes: z.number().positive(),
  manualByCategory: z.partialRecord(Category, z.number().positive()).optional(),
  /** Where the manual figures come from. */
  manualSource: z.string(),
});
export type MttrAssumptions = z.infer<typeof MttrAssumptions>;

/** `OUT/run.json`: what was run, so that a run can be gone on with, repeated and compared. */
export const RunManifest = z.strictObject({
  format: z.literal(1),
  startedAt: z.iso.datetime(),
  /** Unset while runs are missing. */
  finishedAt: z.iso.datetime().optional(),
  version: z.string(),
  reasoner: z.strictObject({ name: z.string(), model: z.string() }),
  cap: z.number().int().min(0),
  repeats: z.number().int().min(1),
  seed: z.number().int(),
  scenarios: z.array(
    z.strictObject({
      id: z.string(),
      file: z.string(),
      /** SHA-256 of the file: a changed scenario is another scenario. */
      digest: z.string(),
      split: Split,
      family: z.string(),
      twin: z.string().optional(),
      title: z.string(),
    }),
  ),
  baselines: z.array(BaselineResult),
  /** Unset: the defaults of scoring. */
  assumptions: MttrAssumptions.optional(),
});
export type RunManifest = z.infer<typeof RunManifest>;

/** One folder of results: all that a report, a summary or a comparison is made of. */
export interface BenchmarkRun {
  manifest: RunManifest;
  records: readonly RunRecord[];
}
