import type { SandboxAnswer, SandboxPlan } from '../../src/domain/sandbox.js';

/** What the sandbox may use before it is stopped. */
export interface SandboxLimits {
  timeMs: number;
  /** Of the whole process, beyond what it has at rest. */
  memoryMb: number;
  /** Rows of a result that are handed back. */
  rows: number;
}

export interface RunMessage {
  id: number;
  plan: SandboxPlan;
  limits: SandboxLimits;
}

export type ChildMessage =
  | { ready: true }
  | { id: number; answers: SandboxAnswer[]; elapsedMs: number }
  | { id: number; stopped: 'time' | 'memory' }
  | { id: number; failed: string };
