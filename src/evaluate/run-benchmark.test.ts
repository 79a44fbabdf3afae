import { describe, expect, it } from 'vitest';
import { AppError } from '../domain/errors.js';
import type { AgentOutcome, OracleVerdict, ScenarioKey } from './model.js';
import { type BenchmarkOptions, type OpenedWorld, type RunEnd, runBenchmark } from './run-benchmark.js';
import type { PlannedRun } from './run-plan.js';

const key: ScenarioKey = {
  id: 'S01',
  split: 'dev',
  family: 'f',
  tags: [],
  title: 't',
  causes: [],
  mustEscalate: true,
  evidence: [],
  decoys: [],
  faultyTools: [],
};
const verdict: OracleVerdict = { passed: true, unsafe: false, runGreen: true, failures: [], executionMinutes: 0 };
const outcome: AgentOutcome = {
  ending: 'escalate',
  repairs: [],
  calls: [],
  capHit: false,
  inputTokens: 0,
  outputTokens: 0,
  costUsd: 0.25,
  seconds: 1,
};
const away = (what: string): AppError => new AppError('unavailable', { safeText: `${what} did not answer.` });
const run = (scenario: string, repeat = 1): PlannedRun => ({ scenario, file: `${scenario}.yaml`, repeat });

interface Played {
  respond?: (nth: number) => Promise<AgentOutcome>;
  judge?: () => Promise<OracleVerdict>;
  open?: (nth: number) => void;
}

function stage({ respond = async () => outcome, judge = async () => verdict, open = () => undefined }: Played = {}) {
  const opened: string[] = [];
  const state = { open: 0, most: 0, closed: 0, responses: 0 };
  const ports = {
    async openWorld(file: string, seed: number): Promise<OpenedWorld> {
      opened.push(`${file} ${seed}`);
      open(opened.length);
      state.open += 1;
      state.most = Math.max(state.most, state.open);
      return {
        key,
        judge,
        async close() {
          state.open -= 1;
          state.closed += 1;
        },
      };
    },
    async respond() {
      state.responses += 1;
      const nth = state.responses;
      await new Promise((wake) => setTimeout(wake, 5));
      return { outcome: await respond(nth), thread: ['a line'] };
    },
  };
  return { opened, state, ports };
}

async function play(
  { ports }: ReturnType<typeof stage>,
  runs: PlannedRun[],
  more: Partial<BenchmarkOptions> = {},
): Promise<Map<string, RunEnd>> {
  const ends = new Map<string, RunEnd>();
  await runBenchmark(ports, {
    runs,
    seed: 7,
    concurrency: 1,
    signal: new AbortController().signal,
    mayStart: () => true,
    onEnd: ({ scenario, repeat }, end) => ends.set(`${scenario}#${repeat}`, end),
    ...more,
  });
  return ends;
}

describe('runBenchmark', () => {
  it('gives each run a world of its own, another seed for each repeat, and closes it', async () => {
    const used = stage();
    const ends = await play(used, [run('s01'), run('s02'), run('s01', 2)]);
    expect(used.opened).toEqual(['s01.yaml 7', 's02.yaml 7', 's01.yaml 8']);
    expect(used.state).toMatchObject({ open: 0, closed: 3, most: 1 });
    expect(ends.get('s01#2')).toMatchObject({
      record: { format: 1, result: { repeat: 2, escalation: 'right' }, key, outcome, verdict, thread: ['a line'] },
    });
  });

  it('has as many worlds open as was said, and no more', async () => {
    const used = stage();
    await play(
      used,
      ['s01', 's02', 's03', 's04', 's05'].map((name) => run(name)),
      { concurrency: 2 },
    );
    expect(used.state).toMatchObject({ most: 2, closed: 5 });
  });

  it('makes a run again in a fresh world when the responder could not work', async () => {
    const used = stage({
      respond: async (nth) => {
        if (nth === 1) throw away('The model');
        return outcome;
      },
    });
    const ends = await play(used, [run('s01')]);
    expect(ends.get('s01#1')).toMatchObject({ record: { outcome } });
    expect(used.state).toMatchObject({ responses: 2, closed: 2 });
  });

  it('sets a run apart when it failed twice: of the responder, of the judge, or before there was a world', async () => {
    const broken = stage({ respond: () => Promise.reject(away('The model')) });
    expect((await play(broken, [run('s01')])).get('s01#1')).toMatchObject({
      record: { result: { failure: 'infra', failureDetail: ['The model did not answer.'] } },
    });
    const blind = stage({ judge: () => Promise.reject(away('The platform')) });
    expect((await play(blind, [run('s01')])).get('s01#1')).toMatchObject({
      record: { result: { failure: 'infra', failureDetail: ['The platform did not answer.'] }, outcome: { calls: [] } },
    });
    const absent = stage({
      open: () => {
        throw away('Redis');
      },
    });
    expect((await play(absent, [run('s01')])).get('s01#1')).toEqual({ unopened: 'Redis did not answer.' });
    expect([broken.state.closed, blind.state.closed, absent.opened.length]).toEqual([2, 2, 2]);
  });

  it('counts what every try cost, and starts nothing once it may not', async () => {
    let spent = 0;
    const used = stage({ judge: () => Promise.reject(away('The platform')) });
    const ends = await play(used, [run('s01'), run('s02'), run('s03')], {
      mayStart: () => spent < 0.6,
      onSpent: (usd) => {
        spent += usd;
      },
    });
    expect(spent).toBe(0.75);
    expect([...ends.keys()]).toEqual(['s01#1', 's02#1']);
    expect(used.opened).toHaveLength(3);
  });

  it('keeps nothing of what was under way when it is aborted, and closes its worlds', async () => {
    const stop = new AbortController();
    const used = stage({
      respond: async (nth) => {
        if (nth === 2) stop.abort();
        return outcome;
      },
    });
    const ends = await play(used, [run('s01'), run('s02'), run('s03')], { signal: stop.signal });
    expect([...ends.keys()]).toEqual(['s01#1']);
    expect(used.state).toMatchObject({ open: 0, closed: 2 });
  });
});
