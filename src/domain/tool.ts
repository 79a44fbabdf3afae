import type { z } from 'zod';
import type { Inventory } from './pipeline.js';
import type { PlatformReaders } from './platform-ports.js';
import type { Policy } from './policy.js';
import type { ProposalStep, RepairAction } from './proposal.js';

/**
 * What a tool says. `ok` text is DATA from outside (untrusted, redacted and bounded at the registry's boundary);
 * `no_data` says in our words what was searched; `error` is trusted text only.
 */
export type ToolAnswer =
  | {
      status: 'ok';
      text: string;
      /** What matters most, in one line, for the folded trace; as untrusted as the text. Default: the first line. */
      headline?: string;
    }
  | { status: 'no_data'; searched: string }
  | { status: 'error'; safeText: string };

export interface ToolContext {
  readers: PlatformReaders;
  inventory: Inventory;
  policy: Policy;
  now: () => Date;
  signal: AbortSignal;
}

/** A read-only tool. The registry is frozen and hashed; the flags are required so that an undeclared posture does not compile. */
export interface DiagnoseTool<Args extends z.ZodObject = z.ZodObject> {
  name: string;
  version: string;
  description: string;
  args: Args;
  readOnly: true;
  run(args: z.infer<Args>, context: ToolContext): Promise<ToolAnswer>;
}

/** Builds one proposal step from facts it reads; touches nothing. */
export interface ProposeTool<Args extends z.ZodObject = z.ZodObject> {
  name: string;
  version: string;
  description: string;
  args: Args;
  readOnly: true;
  draft(args: z.infer<Args>, context: ToolContext): Promise<{ step: ProposalStep } | { refused: string }>;
}

/** What the agent is given: descriptions and one bounded, redacting door to all tools. */
export interface ToolCatalog {
  /** Names, versions and schemas, hashed; equal to tools.lock.json. */
  digest: string;
  tools: { name: string; kind: 'diagnose' | 'propose'; description: string; args: z.ZodObject }[];
  /** Never throws: what fails becomes an `error` observation. The signal carries the time-out. */
  call(name: string, args: unknown, signal: AbortSignal): Promise<ToolOutcome>;
}

/** `text` is exactly what the model sees, what is stored, and what evidence must quote. */
export interface ToolOutcome {
  status: 'ok' | 'no_data' | 'error';
  text: string;
  headline: string;
  truncated: boolean;
  redactions: number;
  flags: 'injection_suspected'[];
  /** Present when a propose tool drafted a step. */
  step?: ProposalStep;
}

/** One gated repair tool: carries out one approved action through writer ports. Only the repairer opens these. */
export interface RepairTool<A extends RepairAction = RepairAction> {
  kind: A['do'];
  /** Reads the target: is this action already done under this key (or by its effect)? Used before acting and to reconcile. */
  check(action: A, key: RepairKey): Promise<'done' | 'not_done' | 'unknown'>;
  /** Acts once. Throws AppError; a retryable or timed-out failure means outcome unknown, so the caller must `check`. */
  apply(action: A, key: RepairKey): Promise<{ detail: string }>;
}

/** Where the target has an idempotency key it gets this one: `decisionId:step`, and the fencing token of the claim. */
export interface RepairKey {
  idempotencyKey: string;
  fence: number;
  incident: string;
  approvedBy: string[];
  /** For changes the undo of which needs the value before. */
  step: ProposalStep;
}
