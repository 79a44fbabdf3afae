import { type Reached, reachedBy } from './blast-radius.js';
import type { Lineage } from './lineage.js';
import type { Policy } from './policy.js';
import type { ProposalStep, Risk, RiskLevel } from './proposal.js';

const LEVELS: readonly RiskLevel[] = ['trivial', 'low', 'medium', 'high'];
type Rated = [level: RiskLevel, reason: string];

/**
 * How dangerous a plan is, by fixed rules and in plain words. The most dangerous step counts; critical pipelines downstream raise it
 * by one, and so does data of a class that the policy names, in what is touched or built from it. The same steps and lineage
 * always give the same answer, so a modified proposal can be scored again anywhere.
 */
export function scoreRisk(steps: readonly ProposalStep[], lineage: Lineage, policy: Policy): Risk {
  const rated = steps.map((step) => rate(step, lineage, policy));
  const worst = rated.reduce<RiskLevel>((level, [own]) => (rank(own) > rank(level) ? own : level), 'trivial');
  const raises = raisesOf(reachedBy(lineage, steps), policy);
  return {
    level: LEVELS[Math.min(rank(worst) + raises.length, LEVELS.length - 1)] ?? 'high',
    // What raises the level must be among the reasons, whatever else there is to say.
    reasons: [...bounded(rated.map(([, reason]) => reason)).slice(0, 10 - raises.length), ...bounded(raises)],
  };
}

function raisesOf({ jobs, tables }: Reached, policy: Policy): string[] {
  const raises: string[] = [];
  const critical = [
    ...new Set(jobs.flatMap(({ severity, dag }) => (severity === 'critical' && dag ? [dag] : []))),
  ].sort();
  if (critical.length > 0)
    raises.push(`Critical pipelines read what this touches: ${firstOf(critical)}; that counts one level more.`);
  const sensitive = tables.filter(({ classes }) => classes.some((one) => policy.raisingClasses.includes(one)));
  const classes = [...new Set(sensitive.flatMap((table) => table.classes))].filter((one) =>
    policy.raisingClasses.includes(one),
  );
  if (classes.length > 0) {
    const names = sensitive.map(({ name }) => name).sort();
    raises.push(`Touches or feeds ${classes.sort().join(', ')} data: ${firstOf(names)}; that counts one level more.`);
  }
  return raises;
}

function firstOf(names: readonly string[]): string {
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}

const rank = (level: RiskLevel): number => LEVELS.indexOf(level);

function bounded(reasons: readonly string[]): string[] {
  return [...new Set(reasons)]
    .slice(0, 10)
    .map((reason) => (reason.length > 300 ? `${reason.slice(0, 299)}…` : reason));
}

function rate(step: ProposalStep, lineage: Lineage, policy: Policy): Rated {
  const { action } = step;
  switch (action.do) {
    case 'retry':
      return rateRetry(step);
    case 'schema_evolution':
      return rateSchemaChange(step, lineage);
    case 'config_rollback':
      return [
        'medium',
        `Puts ${action.target} back to an earlier value; what reads the setting runs differently from the next run on.`,
      ];
    case 'resource_increase':
      return rateIncrease(step, policy);
  }
}

function rateRetry({ action, idempotency }: ProposalStep): Rated {
  if (action.do !== 'retry') return ['high', 'The step does not say what it does.'];
  if (idempotency === 'not_idempotent') {
    return ['high', `Not proven safe to repeat or to skip: rows of ${action.dag} may be doubled or missing.`];
  }
  if (idempotency === 'guarded') {
    return ['low', `Runs tasks of ${action.dag} again that add rows; checked: this run has not written them yet.`];
  }
  if (action.mark_success.length > 0) {
    return [
      'low',
      `Skips ${action.mark_success.slice(0, 5).join(', ')}, whose work was already written, and runs what follows.`,
    ];
  }
  return ['trivial', `Runs failed tasks of ${action.dag} again; they write the same result each time.`];
}

function rateSchemaChange(step: ProposalStep, lineage: Lineage): Rated {
  const { action } = step;
  if (action.do !== 'schema_evolution') return ['high', 'The step does not say what it does.'];
  const { table, op } = action;
  switch (op) {
    case 'add_column':
      return ['low', `Adds a column to ${table} that may be empty: readers that do not know it are not affected.`];
    case 'rename': {
      const readers = [...new Set(reachedBy(lineage, [step]).jobs.map(({ dag, name }) => dag ?? name))].sort();
      return readers.length > 0
        ? [
            'high',
            `Renames a column of ${table} that is read by ${readers.slice(0, 3).join(', ')}: they may use the old name.`,
          ]
        : ['medium', `Renames a column of ${table}; no pipeline of the inventory reads it.`];
    }
    case 'set_type':
      return ['medium', `Widens a column type of ${table}: no value is lost, but it can not be narrowed again.`];
    case 'revert_type':
      return ['high', `Takes a column type of ${table} back: values written since may not fit.`];
    case 'set_property':
      return ['medium', `Changes a property of ${table}: every later writer follows it.`];
    case 'add_feature':
    case 'drop_feature':
      return ['medium', `Changes the protocol of ${table}: every reader and writer must support it.`];
    case 'set_reader_schema':
      return ['medium', `Makes an earlier schema of ${table} the newest again: producers and readers follow it.`];
  }
}

const RUNNING: ReadonlySet<string> = new Set(['RUNNING', 'SUBMITTED', 'PENDING_RERUN', 'SUCCEEDING']);

function rateIncrease({ action, preconditions }: ProposalStep, policy: Policy): Rated {
  if (action.do !== 'resource_increase') return ['high', 'The step does not say what it does.'];
  const { target, value } = action;
  if (preconditions.some(({ fact, value: state }) => fact === 'k8s.spark_state' && RUNNING.has(state))) {
    return ['high', `Changing ${target} kills and restarts the application, and it is running now.`];
  }
  const cap = policy.caps[target];
  if (cap === undefined || value > cap / 2) {
    return [
      'high',
      `Raises ${target} to ${value}, more than half of ${cap === undefined ? 'a cap that is not set' : `its cap of ${cap}`}.`,
    ];
  }
  return ['medium', `Raises ${target} to ${value}, at most half of its cap of ${cap}.`];
}
