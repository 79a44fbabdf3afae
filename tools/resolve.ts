import type { ConfigTarget, Inventory, Pipeline, PipelineTask } from '../src/domain/pipeline.js';

const fold = (name: string): string => name.trim().toLowerCase().replace(/[-\s]/g, '_');

/** A pipeline, and the task where the name was `dag.task` or `dag/task`. */
export interface FoundPipeline {
  pipeline: Pipeline;
  task: PipelineTask | undefined;
}

/** Finds a pipeline by DAG id in any spelling, by `dag.task`, or by the DAG's URN of a taxonomy. */
export function findPipeline(inventory: Inventory, name: string): FoundPipeline | undefined {
  const wanted = fold(name.replace(/^airflow:/i, ''));
  const pipeline = inventory.pipelines.find((candidate) => fold(candidate.dag) === wanted);
  if (pipeline) return { pipeline, task: undefined };
  for (const candidate of inventory.pipelines) {
    const dag = fold(candidate.dag);
    if (!wanted.startsWith(`${dag}.`) && !wanted.startsWith(`${dag}/`)) continue;
    const task = candidate.tasks.find((item) => fold(item.id) === wanted.slice(dag.length + 1));
    if (task) return { pipeline: candidate, task };
  }
  return undefined;
}

/** Names under which a table may be known to a reader, most likely first: as given, without catalog, by its last part in the inventory. */
export function tableNames(inventory: Inventory, table: string): string[] {
  const plain = table
    .trim()
    .replace(/^(?:delta|table):/i, '')
    .replaceAll(/[`"]/g, '');
  const parts = plain.split('.');
  const known = datasetsOf(inventory);
  const same = known.filter((name) => fold(name) === fold(parts.slice(-2).join('.')));
  const byLast = parts.length === 1 ? known.filter((name) => fold(name.split('.').at(-1) ?? '') === fold(plain)) : [];
  return [
    ...new Set([
      ...same,
      plain,
      ...(parts.length > 2 ? [parts.slice(-2).join('.')] : []),
      ...(byLast.length === 1 ? byLast : []),
    ]),
  ];
}

/** Every dataset that a task of the inventory reads or writes, sorted. */
export function datasetsOf(inventory: Inventory): string[] {
  const names = inventory.pipelines.flatMap(({ tasks }) => tasks.flatMap((task) => [...task.reads, ...task.writes]));
  return [...new Set(names)].sort();
}

/** A setting by its path, also as a taxonomy URN (`spark:config/app.image`) or in another spelling. */
export function findTarget(inventory: Inventory, name: string): ConfigTarget | undefined {
  const plain = name.trim().replace(/^[a-z0-9_]+:(?:config\/)?/i, '');
  return (
    inventory.configTargets.find(({ path }) => path === plain) ??
    inventory.configTargets.find(({ path }) => fold(path) === fold(plain))
  );
}

/** The datasets that a setting's change may rebuild: written by the pipeline or the application it is named for. */
export function datasetsOfTarget(inventory: Inventory, target: ConfigTarget): string[] {
  const first = fold(target.path.split('.')[0] ?? '');
  const app = target.resource === undefined ? undefined : fold(target.resource.name);
  const tasks = inventory.pipelines.flatMap((pipeline) =>
    pipeline.tasks.filter((task) => {
      const spark = task.sparkApp === undefined ? undefined : fold(task.sparkApp);
      return (
        fold(pipeline.dag) === first || spark === first || (spark !== undefined && app?.startsWith(spark) === true)
      );
    }),
  );
  return [...new Set(tasks.flatMap((task) => task.writes))].sort();
}

/** Names of the list that share words with the name asked for, most alike first: what a helpful answer offers. */
export function similar(name: string, known: readonly string[], most = 5): string[] {
  const words = fold(name)
    .split(/[._/:]+/)
    .filter((word) => word.length > 2);
  return known
    .map((candidate) => ({ candidate, shared: words.filter((word) => fold(candidate).includes(word)).length }))
    .filter(({ shared }) => shared > 0)
    .sort((a, b) => b.shared - a.shared)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}
