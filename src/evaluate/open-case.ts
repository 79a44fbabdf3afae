import { z } from 'zod';
import type { Clock } from '../domain/ports.js';
import type { ToolCatalog } from '../domain/tool.js';
import { type AnswerFault, type ReadPlan, readAnswer, type SubmittedAnswer } from './answer.js';
import { ToolCallRecord } from './model.js';

/** What is kept of a case while another agent works on it: the same that the log would hold. */
export const CaseTrace = z.strictObject({
  format: z.literal(1),
  /** SHA-256 of the scenario's file: an answer is scored against the case it was given for. */
  scenario: z.string(),
  seed: z.number().int(),
  cap: z.number().int().min(0),
  capHit: z.boolean(),
  /** Wall clock from the first contact to the answer, or to the last call where there is none. */
  seconds: z.number(),
  calls: z.array(ToolCallRecord),
});
export type CaseTrace = z.infer<typeof CaseTrace>;

export interface OpenCaseDeps {
  /** Its diagnose tools are served, its propose tools are not. */
  catalog: ToolCatalog;
  readPlan: ReadPlan;
  clock: Clock;
  scenario: string;
  seed: number;
  /** Tool calls that may be made; calls that fail count. */
  cap: number;
  /** Called after every call: where the trace is to outlive this process. */
  onTrace?: (trace: CaseTrace) => void;
  /** Awaited before the agent hears that its answer was accepted: a client may end this process as soon as it has. */
  onAnswer?: (answer: SubmittedAnswer, trace: CaseTrace) => Promise<unknown>;
}

export interface CaseReply {
  /** What the tool said, byte for byte what is stored and may be quoted. */
  text: string;
  /** Ours, beside it: the call's id and what is left of the budget. */
  note: string;
  failed: boolean;
}

export interface OpenCase {
  tools: ToolCatalog['tools'];
  /** The clock runs from the first contact. */
  contact(): void;
  call(name: string, raw: unknown, signal: AbortSignal): Promise<CaseReply>;
  /** One valid answer ends the case; what is wrong with any other is said field by field, and it may be corrected. */
  submit(raw: unknown): Promise<{ faults: AnswerFault[] }>;
  trace(): CaseTrace;
  /** Ends the case without an answer. */
  giveUp(): void;
  /** The answer, or undefined when the case ended without one. */
  ended: Promise<SubmittedAnswer | undefined>;
}

const CLOSED = 'The case is closed: an answer was accepted. No more calls are answered.';

/** One scenario as another agent works on it: the production tools, the budget, the clock, the trace and the answer. */
export function createOpenCase(deps: OpenCaseDeps): OpenCase {
  const { catalog, clock, cap } = deps;
  const tools = catalog.tools.filter(({ kind }) => kind === 'diagnose').map(withReasoning);
  const calls: ToolCallRecord[] = [];
  const times: { from?: number; to?: number } = {};
  let capHit = false;
  let over = false;
  let end: (answer: SubmittedAnswer | undefined) => void = () => undefined;
  const ended = new Promise<SubmittedAnswer | undefined>((resolve) => {
    end = resolve;
  });

  const contact = (): void => {
    times.from ??= clock.now().getTime();
  };
  const trace = (): CaseTrace => ({
    ...{ format: 1, scenario: deps.scenario, seed: deps.seed, cap, capHit },
    seconds: Math.max(0, (times.to ?? times.from ?? 0) - (times.from ?? 0)) / 1000,
    calls: calls.map((call) => ({ ...call })),
  });
  const moment = (): void => {
    if (over) return;
    times.to = clock.now().getTime();
    deps.onTrace?.(trace());
  };
  const refuse = (text: string): CaseReply => ({ text, note: '', failed: true });

  return {
    tools,
    contact,
    trace,
    ended,
    async call(name, raw, signal) {
      contact();
      if (over) return refuse(CLOSED);
      if (!tools.some((tool) => tool.name === name)) {
        return refuse(
          `There is no tool ${name.slice(0, 60)}. There are: ${tools.map((tool) => tool.name).join(', ')}.`,
        );
      }
      if (calls.length >= cap) {
        capHit = true;
        moment();
        return refuse(`The budget of ${cap} tool calls is used up; this call was not made. Answer with what you have.`);
      }
      const { args, ...reasoning } = splitReasoning(raw);
      // Counted before it is made: of calls that come at once none slips through.
      const call: ToolCallRecord = {
        ...{ callId: `call_${calls.length + 1}`, tool: name, args, status: 'error', text: '' },
        ...reasoning,
      };
      calls.push(call);
      const left = cap - calls.length;
      const { status, text } = await catalog.call(name, args, signal);
      if (!over) Object.assign(call, { status, text });
      moment();
      return { text, note: `call=${call.callId} status=${status} calls_left=${left}`, failed: status === 'error' };
    },
    async submit(raw) {
      contact();
      const closed = { faults: [{ field: '(answer)', message: CLOSED }] };
      if (over) return closed;
      const read = await readAnswer(raw, deps.readPlan);
      if ('faults' in read) return read;
      // Two answers at once: the first that was read is the answer.
      if (over) return closed;
      moment();
      over = true;
      // What fails here is not the agent's: whoever serves the case hears of it by its own promise.
      await deps.onAnswer?.(read.answer, trace()).catch(() => undefined);
      end(read.answer);
      return { faults: [] };
    },
    giveUp() {
      if (over) return;
      moment();
      over = true;
      end(undefined);
    },
  };
}

/** Our own agent must say why it asks; others may, and then it is kept. */
function withReasoning(tool: ToolCatalog['tools'][number]): ToolCatalog['tools'][number] {
  const args = tool.args.extend({
    thought: z.string().optional().describe('Why this call. Kept in the trace.'),
    hypothesis: z.string().optional().describe('What you now believe happened. Kept in the trace.'),
    confidence: z.number().min(0).max(1).optional().describe('How sure you are of the hypothesis, 0 to 1.'),
  });
  return { ...tool, args };
}

function splitReasoning(
  raw: unknown,
): Pick<ToolCallRecord, 'args'> & Partial<Pick<ToolCallRecord, 'thought' | 'hypothesis' | 'confidence'>> {
  const given = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
  const { thought, hypothesis, confidence, ...args } = given;
  return {
    args,
    ...(typeof thought === 'string' ? { thought: thought.slice(0, 600) } : {}),
    ...(typeof hypothesis === 'string' ? { hypothesis: hypothesis.slice(0, 300) } : {}),
    ...(typeof confidence === 'number' && Number.isFinite(confidence) ? { confidence } : {}),
  };
}
