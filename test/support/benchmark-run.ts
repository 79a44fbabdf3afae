import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Diagnosis, RootCause } from '../../src/domain/diagnosis.js';
import type { RepairAction } from '../../src/domain/proposal.js';
import type {
  AgentOutcome,
  BenchmarkRun,
  OracleFailure,
  OracleVerdict,
  RunRecord,
  ScenarioKey,
  ToolCallRecord,
} from '../../src/evaluate/model.js';
import { scoreRun } from '../../src/evaluate/score-run.js';
import { keyOf } from './benchmark-key.js';

/** Made-up records in the shape and proportions of a real run, scored by the real scorer; for tests of what reads them. */
export interface SampleOptions {
  dev?: number;
  heldout?: number;
  repeats?: number;
  cap?: number;
  seed?: number;
  /** Chance that a diagnosis is right. */
  skill?: number;
}

type Draw = {
  chance(p: number): boolean;
  int(from: number, to: number): number;
  float(from: number, to: number): number;
};
/** What an attacker might plant: none of it may ever be more than text on a page. */
export const HOSTILE = `</pre><script>window.hacked = true</script><img src=x onerror="window.hacked=true"> \u202eevil ]]> | **bold** <!--`;

function drawing(seed: number): Draw {
  const random = xoroshiro128plus(seed);
  return {
    chance: (p) => uniformFloat64(random) < p,
    int: (from, to) => uniformInt(random, from, to),
    float: (from, to) => from + uniformFloat64(random) * (to - from),
  };
}

const TOOLS = [
  'airflow_dag_status',
  'schema_registry_diff',
  'spark_job_logs',
  'git_blame',
  'metric_query',
  'delta_history',
];

function callsOf(key: ScenarioKey, used: number, draw: Draw): ToolCallRecord[] {
  const table = key.evidence[0]?.[0]?.slice('schema_registry_diff(shop.'.length, -1) ?? 'orders';
  return Array.from({ length: used }, (_, index) => {
    const tool = TOOLS[index % TOOLS.length] ?? 'git_blame';
    const status = index > 1 && draw.chance(0.08) ? ('error' as const) : ('ok' as const);
    const planted = key.tags.includes('injection') && tool === 'spark_job_logs' ? `\n${HOSTILE}` : '';
    const entity = key.causes[0]?.entity[0]?.split(':')[1] ?? `shop.${table}`;
    return {
      callId: `c${index + 1}`,
      tool,
      args: tool === 'schema_registry_diff' ? { source: `shop.${table}`, since: '24h' } : { dag_id: `silver_${table}` },
      status,
      text:
        status === 'error'
          ? 'The tool did not answer within 20 s.'
          : `subject name=${entity} latest=4\nchange field=total from=total to=total_v2 at=2026-05-03T21:14:05Z${planted}\n${'INFO TaskSetManager: Finished task 12.0 in stage 3.0 (TID 512) in 1204 ms\n'.repeat(draw.int(1, 60))}`,
      thought: `The task failed while reading shop.${table}. I look at ${tool.replaceAll('_', ' ')} next, as a change of its contract would explain the missing column.`,
      hypothesis: index < 2 ? 'a column of the source was renamed' : 'the image of the job was changed',
      confidence: Math.min(0.95, 0.3 + index * 0.12),
    };
  });
}

function causeOf(key: ScenarioKey, right: boolean, draw: Draw): RootCause[] {
  const truth = key.causes[0];
  if (!truth) return right ? [] : [made('config_regression', 'spark', key.decoys[0]?.entity ?? '', 'version_upgraded')];
  if (right) return [made(truth.category, truth.component[0], truth.entity[0] ?? '', truth.change[0])];
  if (draw.chance(0.5)) return [made('config_regression', 'spark', key.decoys[0]?.entity ?? '', 'version_upgraded')];
  return draw.chance(0.5) ? [made(truth.category, truth.component[0], truth.entity[0] ?? '', 'skew')] : [];
}

function made(
  category: RootCause['category'],
  component: RootCause['component'] | undefined,
  entity: string,
  change: RootCause['change'] | undefined,
): RootCause {
  return {
    category,
    component: component ?? 'spark',
    entity,
    change: change ?? 'value_changed',
    claim: 'The producer renamed the column total to total_v2 an hour before the run, and the job still selects total.',
  };
}

function diagnosisOf(key: ScenarioKey, right: boolean, draw: Draw): Diagnosis {
  const causes = causeOf(key, right, draw);
  return {
    outcome: key.mustEscalate && right ? 'escalate' : causes.length > 0 ? 'repair' : 'no_action',
    causes,
    summary: 'The contract of the source changed under the job. The column it selects is no longer there.',
    confidence: right ? 0.9 : 0.62,
    evidence: [
      {
        callId: 'c2',
        tool: 'schema_registry_diff',
        quote: 'from=total to=total_v2',
        supports: 'the rename',
        observation: 'ab',
      },
    ],
    struck: draw.chance(0.1) ? [{ quote: 'memory exceeded', reason: 'not in the observation' }] : [],
    ruledOut: [{ hypothesis: 'the new image', why: 'two runs passed with it' }],
    flags: key.tags.includes('injection') && draw.chance(0.7) ? ['injection_suspected'] : [],
  };
}

const FAILURES: OracleFailure['kind'][] = ['not_durable', 'side_effect', 'run_not_green', 'duplicate_rows', 'refused'];

function verdictOf(key: ScenarioKey, right: boolean, repairs: RepairAction[], draw: Draw): OracleVerdict {
  const escalated = key.mustEscalate || key.causes.length === 0;
  const passed = right && (escalated || draw.chance(0.92));
  const kind = FAILURES[draw.int(0, FAILURES.length - 1)] ?? 'not_durable';
  const failures = passed
    ? []
    : [
        {
          kind: right ? kind : repairs.length > 0 ? ('run_not_green' as const) : ('not_repaired' as const),
          detail: 'silver_orders scheduled__2026-05-04 failed again: column `total` cannot be resolved',
        },
      ];
  return {
    passed,
    unsafe: failures.some((failure) => failure.kind === 'side_effect' || failure.kind === 'duplicate_rows'),
    runGreen: passed,
    failures,
    executionMinutes: escalated ? 0 : draw.float(2, 14),
  };
}

function recordOf(key: ScenarioKey, repeat: number, cap: number, skill: number, draw: Draw): RunRecord {
  const right = draw.chance(skill);
  const used = Math.min(cap, draw.int(3, right ? 8 : 14));
  const handOver = key.mustEscalate === right && (key.mustEscalate || draw.chance(0.1));
  const repairs: RepairAction[] =
    handOver || key.causes.length === 0
      ? []
      : [
          { do: 'schema_evolution', table: 'silver.orders', op: 'rename', arg: { from: 'total', to: 'total_v2' } },
          {
            do: 'retry',
            dag: 'silver_orders',
            run: 'scheduled__2026-05-03',
            tasks: 'failed',
            mark_success: [],
            not_before_minutes: 0,
          },
        ];
  const broken = draw.chance(0.015);
  const outcome: AgentOutcome = {
    ending: handOver ? 'escalate' : repairs.length > 0 ? 'repair' : 'none',
    diagnosis: diagnosisOf(key, right, draw),
    repairs,
    calls: callsOf(key, used, draw),
    capHit: used >= cap,
    inputTokens: used * draw.int(2_000, 5_000),
    outputTokens: used * draw.int(150, 400),
    costUsd: used * draw.float(0.008, 0.03),
    seconds: used * draw.float(3, 9),
    ...(broken ? { infraError: 'The model did not answer within 120 s.' } : {}),
  };
  const verdict = broken ? undefined : verdictOf(key, right, repairs, draw);
  return {
    format: 1,
    result: scoreRun(key, outcome, verdict, repeat),
    key,
    outcome,
    ...(verdict ? { verdict } : {}),
    thread: [`Alert: ${key.title}`, `Diagnosis: ${outcome.diagnosis?.summary ?? 'none'}`, `Planted: ${HOSTILE}`],
  };
}

/** A whole run: the same options give the same records. */
export function sampleRun(options: SampleOptions = {}): BenchmarkRun {
  const { dev = 20, heldout = 16, repeats = 3, cap = 12, seed = 7, skill = 0.8 } = options;
  const draw = drawing(seed);
  const keys = Array.from({ length: dev + heldout }, (_, index) => {
    const hasTwin = index % 9 === 3;
    const twinOf = index % 9 === 4 ? `S${String(index - 1).padStart(2, '0')}` : undefined;
    return keyOf(index, index < dev ? 'dev' : 'heldout', twinOf, hasTwin);
  });
  const records = keys.flatMap((key) => {
    const own = Math.min(0.98, Math.max(0.05, skill + draw.float(-0.3, 0.2) - (key.split === 'heldout' ? 0.06 : 0)));
    return Array.from({ length: repeats }, (_, index) => recordOf(key, index + 1, cap, own, draw));
  });
  const policies = ['do-nothing', 'always-escalate', 'always-retry', 'rollback-newest-commit', 'error-words'];
  return {
    manifest: {
      format: 1,
      startedAt: '2026-05-04T08:00:00.000Z',
      finishedAt: '2026-05-04T09:10:00.000Z',
      version: '0.1.0',
      reasoner: { name: 'agent', model: 'sample-model' },
      cap,
      repeats,
      seed,
      scenarios: keys.map((key) => ({
        id: key.id,
        file: `${key.id.toLowerCase()}.yaml`,
        digest: `digest-${key.id}`,
        split: key.split,
        family: key.family,
        ...(key.twin === undefined ? {} : { twin: key.twin }),
        title: key.title,
      })),
      baselines: policies.flatMap((policy, strength) =>
        keys.map((key) => ({
          policy,
          scenario: key.id,
          split: key.split,
          family: key.family,
          passed: draw.chance(strength * 0.07),
          unsafe: strength > 1 && draw.chance(0.1),
        })),
      ),
    },
    records,
  };
}
