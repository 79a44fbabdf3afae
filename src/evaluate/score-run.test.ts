import { describe, expect, it } from 'vitest';
import type { Diagnosis, RootCause } from '../domain/diagnosis.js';
import type { AgentOutcome, OracleVerdict, ScenarioKey } from './model.js';
import { scoreRun } from './score-run.js';

const key: ScenarioKey = {
  id: 'S90',
  split: 'dev',
  family: 'f',
  tags: ['outage'],
  title: 't',
  causes: [
    { category: 'schema_drift', component: ['registry'], entity: ['registry:shop.orders'], change: ['column_renamed'] },
  ],
  mustEscalate: false,
  evidence: [
    ['schema_registry_diff(shop.orders)#total_v2'],
    ['airflow_dag_status(orders)', 'spark_job_logs(orders-load)'],
  ],
  decoys: [{ id: 'd1', kind: 'recent_change', entity: 'spark:config/orders.image' }],
  faultyTools: ['metric_query'],
};
const cause: RootCause = {
  category: 'schema_drift',
  component: 'registry',
  entity: 'registry:shop.orders',
  change: 'column_renamed',
  claim: 'c',
};
const registryCall = {
  callId: 'c1',
  tool: 'schema_registry_diff',
  args: { source: 'shop.orders' },
  status: 'ok' as const,
  text: 'subject name=shop.orders latest=4\nchange field=total from=total to=total_v2',
};
const airflowCall = {
  callId: 'c2',
  tool: 'airflow_dag_status',
  args: { dag_id: 'orders' },
  status: 'ok' as const,
  text: 'dag id=orders',
};
const diagnosis = (causes: RootCause[], quote = 'to=total_v2', callId = 'c1'): Diagnosis => ({
  outcome: 'repair',
  causes,
  summary: 's',
  confidence: 0.9,
  evidence: [{ callId, tool: 'schema_registry_diff', quote, supports: 's', observation: '0' }],
  struck: [],
  ruledOut: [],
  flags: [],
});
const outcome = (change: Partial<AgentOutcome> = {}): AgentOutcome => ({
  ending: 'repair',
  diagnosis: diagnosis([cause]),
  repairs: [],
  calls: [registryCall, airflowCall],
  capHit: false,
  inputTokens: 100,
  outputTokens: 20,
  costUsd: 0.01,
  seconds: 60,
  ...change,
});
const good: OracleVerdict = { passed: true, unsafe: false, runGreen: true, failures: [], executionMinutes: 4 };
const bad: OracleVerdict = { ...good, passed: false, failures: [{ kind: 'not_durable', detail: 'next run' }] };

describe('scoreRun', () => {
  it('a right diagnosis, quoted, with a repair that holds', () => {
    expect(scoreRun(key, outcome(), good)).toMatchObject({
      strict: true,
      grounded: true,
      repaired: true,
      failure: undefined,
      escalation: 'not_asked',
      tokens: 120,
      mttr: { minutes: 15, manualMinutes: 180 },
    });
  });

  it('an extra cause is wrong, a missing one is wrong, the entity alone is a hit', () => {
    const extra = { ...cause, entity: 'delta:gold.orders', component: 'delta' as const };
    expect(scoreRun(key, outcome({ diagnosis: diagnosis([cause, extra]) }), good)).toMatchObject({
      strict: false,
      anyHit: true,
    });
    expect(scoreRun(key, outcome({ diagnosis: diagnosis([]) }), good)).toMatchObject({ strict: false, anyHit: false });
    const renamed = { ...cause, change: 'column_dropped' as const };
    expect(scoreRun(key, outcome({ diagnosis: diagnosis([renamed]) }), good)).toMatchObject({
      strict: false,
      anyHit: true,
      categoryOnly: true,
    });
    const twice = scoreRun(key, outcome({ diagnosis: diagnosis([cause, cause]) }), good);
    expect(twice.strict).toBe(false);
  });

  it('a component that is not the prefix of its entity is wrong', () => {
    const crossed = { ...cause, component: 'delta' as const };
    expect(scoreRun(key, outcome({ diagnosis: diagnosis([crossed]) }), good).strict).toBe(false);
  });

  it('is not grounded when the quote is not in the answer, or the answer does not speak of the entity', () => {
    expect(scoreRun(key, outcome({ diagnosis: diagnosis([cause], 'never said') }), good).grounded).toBe(false);
    expect(scoreRun(key, outcome({ diagnosis: diagnosis([cause], 'dag id=orders', 'c2') }), good).grounded).toBe(false);
  });

  it.each<[string, Partial<AgentOutcome>, OracleVerdict | undefined, string]>([
    ['our machinery failed', { infraError: 'model away' }, undefined, 'infra'],
    ['handed over what it could repair', { ending: 'escalate' }, bad, 'out_of_scope'],
    ['right diagnosis, repair that does not hold', {}, bad, 'repair_only'],
    [
      'took a decoy',
      {
        diagnosis: diagnosis([
          {
            ...cause,
            category: 'config_regression',
            component: 'spark',
            entity: 'spark:config/orders.image',
            change: 'version_upgraded',
          },
        ]),
      },
      bad,
      'misleading_output',
    ],
    [
      'named what no tool said',
      { diagnosis: diagnosis([{ ...cause, entity: 'registry:shop.returns' }]) },
      bad,
      'hallucinated_cause',
    ],
    [
      'never looked at one group',
      { calls: [registryCall], diagnosis: diagnosis([{ ...cause, change: 'column_dropped' }]) },
      bad,
      'missed_tool',
    ],
    [
      'looked everywhere else until the cap',
      { calls: [registryCall], capHit: true, diagnosis: diagnosis([{ ...cause, change: 'column_dropped' }]) },
      bad,
      'wrong_tools',
    ],
    [
      'saw everything and concluded wrongly',
      { diagnosis: diagnosis([{ ...cause, change: 'column_dropped' }]) },
      bad,
      'reasoning',
    ],
  ])('class when it %s', (_name, change, verdict, expected) => {
    expect(scoreRun(key, outcome(change), verdict).failure).toBe(expected);
  });

  it('what was to be handed over and was not, is out of scope; what was, is right', () => {
    const over = { ...key, mustEscalate: true };
    expect(scoreRun(over, outcome(), bad)).toMatchObject({ failure: 'out_of_scope', escalation: 'missed' });
    expect(scoreRun(over, outcome({ ending: 'escalate' }), good)).toMatchObject({
      failure: undefined,
      escalation: 'right',
    });
  });

  it('a false alarm is right only when it is said to be one', () => {
    const calm = { ...key, causes: [] };
    const quiet = { ...diagnosis([]), outcome: 'no_action' as const };
    expect(scoreRun(calm, outcome({ ending: 'none', diagnosis: quiet }), good).strict).toBe(true);
    expect(
      scoreRun(calm, outcome({ ending: 'none', diagnosis: { ...quiet, outcome: 'inconclusive' } }), good).strict,
    ).toBe(false);
    expect(scoreRun(calm, outcome(), bad).strict).toBe(false);
  });

  it('what is not repaired falls back to the manual way on top of what was spent', () => {
    expect(scoreRun(key, outcome(), bad).mttr.minutes).toBe(1 + 10 + 4 + 180);
    expect(scoreRun(key, outcome({ ending: 'escalate' }), bad).mttr.minutes).toBe(1 + 180);
  });
});
