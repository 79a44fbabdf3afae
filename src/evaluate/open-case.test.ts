import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ToolCatalog } from '../domain/tool.js';
import { AnswerStep, type ReadPlan } from './answer.js';
import { answerOutcome } from './answer-outcome.js';
import { createOpenCase, type OpenCase, type OpenCaseDeps } from './open-case.js';

const never = new AbortController().signal;
const LINE = 'change kind=column_renamed from=a to=b';
const RETRY = { do: 'retry', dag: 'daily', run: 'r1' };
const readPlan: ReadPlan = async (steps) => {
  const read = z.array(AnswerStep).safeParse(steps);
  return read.success ? { plan: read.data } : { faults: [{ field: 'plan.0', message: 'is no step' }] };
};

/** Two tools, one of which drafts; the reading one answers with one line, or fails when asked for nothing. */
function catalog(): ToolCatalog {
  const outcome = { headline: '', truncated: false, redactions: 0, flags: [] };
  const args = z.strictObject({ source: z.string() });
  return {
    digest: '',
    tools: [
      { name: 'schema_registry_diff', kind: 'diagnose', description: '', args },
      { name: 'propose_dag_retry', kind: 'propose', description: '', args },
    ],
    call: async (_, given) =>
      args.safeParse(given).success
        ? { ...outcome, status: 'ok', text: LINE }
        : { ...outcome, status: 'error', text: 'error text="wrong arguments"' },
  };
}

function open(more: Partial<OpenCaseDeps> = {}): OpenCase & { tick(ms: number): void } {
  let now = 1_000_000;
  const clock = { now: () => new Date(now) };
  const opened = createOpenCase({ catalog: catalog(), readPlan, clock, scenario: 'd', seed: 1, cap: 2, ...more });
  const tick = (ms: number): void => {
    now += ms;
  };
  return { ...opened, tick };
}

const ask = (served: OpenCase, args: unknown = { source: 'x' }) => served.call('schema_registry_diff', args, never);

describe('a case that another agent works on', () => {
  it('serves the reading tools alone, and lets the reasoning be left out or kept', async () => {
    const served = open();
    expect(served.tools.map(({ name }) => name)).toEqual(['schema_registry_diff']);
    expect((await served.call('propose_dag_retry', {}, never)).text).toMatch(/There is no tool propose_dag_retry/);
    expect(await ask(served)).toEqual({ text: LINE, note: 'call=call_1 status=ok calls_left=1', failed: false });
    await ask(served, { source: 'x', thought: 'why', confidence: 0.4 });
    const { calls } = served.trace();
    expect(calls[0]).toEqual({
      callId: 'call_1',
      tool: 'schema_registry_diff',
      args: { source: 'x' },
      status: 'ok',
      text: LINE,
    });
    expect(calls[1]).toMatchObject({ thought: 'why', confidence: 0.4, args: { source: 'x' } });
  });

  it('refuses what is above the cap, also of calls that come at once, counts what fails, and says that the cap was hit', async () => {
    const served = open();
    const replies = await Promise.all([ask(served, {}), ask(served), ask(served)]);
    expect(replies.map(({ failed }) => failed)).toEqual([true, false, true]);
    expect(replies[2]?.text).toMatch(/budget of 2 tool calls is used up/);
    expect(served.trace()).toMatchObject({ capHit: true, calls: [{ status: 'error' }, { status: 'ok' }] });
  });

  it('is not at its cap as long as no call was refused', async () => {
    const served = open();
    await ask(served);
    await ask(served);
    expect(served.trace().capHit).toBe(false);
  });

  it('names every field at fault, takes the corrected answer, and is then closed', async () => {
    const kept: unknown[] = [];
    const served = open({ onAnswer: async (answer) => void kept.push(answer) });
    const wrong = { causes: [{ category: 'schema_drift', component: 'delta', entity: 'spark:x', change: 'skew' }] };
    const { faults } = await served.submit({ ...wrong, plan: [{ do: 'jump' }], more: 1 });
    expect(faults.map(({ field }) => field)).toEqual(['causes.0.component', '(answer)', 'plan.0']);
    expect((await served.submit({ ...wrong, plan: [RETRY] })).faults.map(({ field }) => field)).toEqual([
      'causes.0.component',
    ]);
    expect((await served.submit({ causes: [], plan: [] })).faults.map(({ field }) => field)).toEqual(['plan']);
    expect(kept).toEqual([]);
    expect((await served.submit({ causes: [], plan: [RETRY] })).faults).toEqual([]);
    expect(kept).toHaveLength(1);
    expect((await served.ended)?.plan).toMatchObject([RETRY]);
    expect((await ask(served)).text).toMatch(/case is closed/);
    expect((await served.submit({ causes: [], plan: [RETRY] })).faults[0]?.message).toMatch(/case is closed/);
    expect(served.trace().calls).toEqual([]);
  });

  it('takes one of two answers that come at once', async () => {
    const served = open();
    const both = await Promise.all([
      served.submit({ causes: [], plan: [RETRY] }),
      served.submit({ causes: [], plan: [{ do: 'none' }] }),
    ]);
    expect(both.map(({ faults }) => faults.length)).toEqual([0, 1]);
    expect((await served.ended)?.plan).toMatchObject([RETRY]);
  });

  it('counts seconds from the first contact to the answer', async () => {
    const served = open();
    served.tick(60_000);
    served.contact();
    served.tick(4_000);
    await served.submit({ causes: [], plan: [{ do: 'none' }] });
    served.tick(9_000);
    expect(served.trace().seconds).toBe(4);
  });
});

describe('the outcome of an answer', () => {
  const cause = { category: 'schema_drift', component: 'registry', entity: 'registry:x', change: 'column_renamed' };

  async function outcome(answer: Record<string, unknown>) {
    const served = open();
    await ask(served);
    const { faults } = await served.submit({ causes: [cause], plan: [RETRY], ...answer });
    expect(faults).toEqual([]);
    return answerOutcome(await served.ended, served.trace());
  }

  it('keeps quotes that stand byte for byte in the named call, and strikes all others with the reason', async () => {
    const { diagnosis, ending, repairs } = await outcome({
      evidence: [
        { call: 'call_1', quote: 'kind=column_renamed' },
        { call: 'call_1', quote: 'kind=column_Renamed' },
        { call: 'call_2', quote: 'kind=column_renamed' },
      ],
    });
    expect({ ending, repairs }).toMatchObject({ ending: 'repair', repairs: [RETRY] });
    expect(diagnosis?.evidence.map(({ quote }) => quote)).toEqual(['kind=column_renamed']);
    expect(diagnosis?.struck.map(({ reason }) => reason)).toEqual([
      'The quote is not in the answer of call_1, byte for byte.',
      'There is no call call_2.',
    ]);
    expect(diagnosis?.flags).toEqual(['evidence_struck']);
  });

  it('takes a call as a whole where its id is given', async () => {
    const { diagnosis } = await outcome({ evidence_ids: ['call_1', 'call_9'] });
    expect(diagnosis?.evidence).toMatchObject([{ callId: 'call_1', quote: LINE }]);
    expect(diagnosis?.struck).toHaveLength(1);
  });

  it.each([
    [{ do: 'escalate', team: 'x' }, 'escalate', 'escalate'],
    [{ do: 'none' }, 'none', 'no_action'],
  ])('ends as its only step %j says', async (step, ending, diagnosed) => {
    const { diagnosis, ...said } = await outcome({ plan: [step] });
    expect(said).toMatchObject({ ending, repairs: [] });
    expect(diagnosis?.outcome).toBe(diagnosed);
  });

  it('is silence where there is no answer', () => {
    expect(answerOutcome(undefined, open().trace())).toMatchObject({ ending: 'silent', repairs: [], calls: [] });
  });
});
