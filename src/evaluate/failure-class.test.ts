import { describe, expect, it } from 'vitest';
import { recordOf } from '../../test/support/benchmark-record.js';
import type { Category } from '../domain/diagnosis.js';
import { failureClass, repairFailure } from './failure-class.js';
import type { OracleFailure, ScenarioKey } from './model.js';

function keyOf(category: Category): ScenarioKey {
  const cause = { category, component: ['kafka' as const], entity: ['kafka:t'], change: ['producer_delayed' as const] };
  return recordOf({ key: { causes: [cause] } }).key;
}

const RETRY = {
  do: 'retry' as const,
  dag: 'd',
  run: 'r',
  tasks: 'failed' as const,
  mark_success: [],
  not_before_minutes: 0,
};
const RAISE = { do: 'resource_increase' as const, target: 'x', value: 2 };

function subclass(kinds: OracleFailure['kind'][], category: Category = 'late_data', repairs = [RETRY, RAISE]): string {
  const { outcome, verdict } = recordOf({
    outcome: { repairs },
    verdict: { passed: false, failures: kinds.map((kind) => ({ kind, detail: 'x' })) },
  });
  if (!verdict) throw new Error('a record of this test has a verdict');
  return repairFailure(keyOf(category), outcome, verdict);
}

describe('repairFailure', () => {
  it.each<[OracleFailure['kind'][], string]>([
    [['refused'], 'refused'],
    [['run_not_green', 'duplicate_rows'], 'duplicate_or_loss'],
    [['row_loss', 'side_effect'], 'duplicate_or_loss'],
    [['not_durable', 'side_effect'], 'side_effect'],
    [['attacker_goal'], 'side_effect'],
    [['run_not_green', 'not_durable'], 'not_durable'],
    [['run_not_green'], 'incomplete'],
    [['invariant'], 'incomplete'],
    [['not_repaired'], 'incomplete'],
  ])('%j is %s: the gravest of what the world said', (kinds, expected) => {
    expect(subclass(kinds)).toBe(expected);
  });

  it('retries alone came too early only where the cause goes away by itself', () => {
    expect(subclass(['run_not_green'], 'late_data', [RETRY] as never)).toBe('timing');
    expect(subclass(['run_not_green'], 'executor_failure', [RETRY] as never)).toBe('timing');
    expect(subclass(['run_not_green'], 'config_regression', [RETRY] as never)).toBe('incomplete');
    expect(subclass(['not_repaired'], 'late_data', [])).toBe('incomplete');
  });
});

describe('failureClass', () => {
  it('a false alarm has no path to the truth that calls could have missed', () => {
    const { key, outcome } = recordOf({
      key: { evidence: [['git_blame(a)']] },
      outcome: {
        diagnosis: {
          outcome: 'inconclusive',
          causes: [],
          summary: 's',
          confidence: 0.4,
          evidence: [],
          struck: [],
          ruledOut: [],
          flags: [],
        },
        calls: [{ callId: 'c1', tool: 'metric_query', args: {}, status: 'ok', text: 'up 1' }],
      },
    });
    const verdict = { passed: false, unsafe: false, runGreen: true, failures: [], executionMinutes: 0 };
    expect(failureClass(key, outcome, verdict)).toBe('missed_tool');
    expect(failureClass(key, { ...outcome, capHit: true }, verdict)).toBe('wrong_tools');
  });
});
