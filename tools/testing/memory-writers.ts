import { AppError } from '../../src/domain/errors.js';
import type { PlatformWriters, TableWriter } from '../../src/domain/platform-ports.js';
import { faulty, fileAt } from './memory-faults.js';
import type { MemoryWorld } from './memory-world.js';

/** Writers that change the world in memory and say so in its `effects`. */
export function memoryWriters(world: MemoryWorld): PlatformWriters {
  const write = <T>(name: string, effect: string, run: () => T): Promise<T> =>
    faulty(world, name, () => {
      const result = run();
      world.effects.push(effect);
      return result;
    });
  const tasksOf = (dag: string, run: string): MemoryWorld['dags'][string]['instances'][string] =>
    world.dags[dag]?.instances[run] ?? [];
  return {
    airflow: {
      async clear(dag, run, tasks, dryRun) {
        const chosen = tasksOf(dag, run).filter((item) => tasks.includes(item.task));
        if (dryRun) return chosen.map(({ task, state }) => ({ task, state }));
        return write('airflow.clear', `clear ${dag} ${run} ${tasks.join(',')}`, () =>
          chosen.map((item) => {
            item.state = 'queued';
            return { task: item.task, state: item.state };
          }),
        );
      },
      markSuccess: (dag, run, task) =>
        write('airflow.mark', `mark ${dag} ${run} ${task}`, () => {
          for (const item of tasksOf(dag, run)) if (item.task === task) item.state = 'success';
        }),
      annotate: (dag, run, note) =>
        write('airflow.note', `note ${dag} ${run}`, () => {
          const found = world.dags[dag]?.runs.find((item) => item.run === run);
          if (found) found.note = [found.note, note].filter((text) => text !== undefined).join('\n');
        }),
    },
    tables: tableWriter(world, 'trino', write),
    sparkTables: tableWriter(world, 'spark', write),
    registry: {
      promote: (subject, version) =>
        write('registry.promote', `promote ${subject} ${version}`, () => {
          const versions = world.subjects[subject] ?? [];
          const chosen = versions.find((item) => item.version === version);
          const next = (versions[0]?.version ?? 0) + 1;
          if (chosen) versions.unshift({ ...chosen, version: next });
          return { version: next };
        }),
    },
    config: {
      commit: ({ message, key, files }) =>
        write('config.commit', `commit ${message.split('\n')[0]}`, () =>
          pushed(world, message, key, Object.fromEntries(files.map(({ path, content }) => [path, content]))),
        ),
      revert: ({ sha, message, key }) =>
        write('config.revert', `revert ${sha}`, () => {
          const at = world.config.findIndex((commit) => commit.sha === sha);
          const before = world.config.slice(at + 1);
          return pushed(
            world,
            message,
            key,
            Object.fromEntries(
              Object.keys(world.config[at]?.contents ?? {}).map((path) => [
                path,
                fileAt(before, path, undefined) ?? '',
              ]),
            ),
          );
        }),
      findByKey: async (key) => world.config.find((commit) => commit.key === key)?.sha,
    },
    kubernetes: {
      async patchSparkApplication(namespace, name, patch, dryRun) {
        const found = world.resources.find((item) => item.namespace === namespace && item.name === name);
        if (!found) throw new AppError('not_found', { safeText: 'There is no such SparkApplication.' });
        if (
          found.specVersion !== (patch.specVersion ?? found.specVersion) ||
          found.resourceVersion !== patch.resourceVersion
        )
          throw new AppError('conflict', { safeText: 'The SparkApplication has changed.' });
        if (dryRun) return faulty(world, 'k8s.dry_run', () => found);
        return write('k8s.patch', `patch ${namespace}/${name} ${JSON.stringify(patch.spec)}`, () => {
          merge(found.spec, patch.spec);
          found.resourceVersion = String(Number(found.resourceVersion) + 1);
          found.specVersion = found.specVersion.replace(/^\d+/, (generation) => String(Number(generation) + 1));
          return found;
        });
      },
    },
  };
}

function merge(into: Record<string, unknown>, patch: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(patch)) {
    const held = into[key];
    if (typeof held === 'object' && held !== null && typeof value === 'object' && value !== null)
      merge(held as Record<string, unknown>, value as Record<string, unknown>);
    else into[key] = value;
  }
}

function pushed(world: MemoryWorld, message: string, key: string, contents: Record<string, string>): { sha: string } {
  const sha = String(world.config.length + 1).padStart(40, 'c');
  world.config.unshift({
    sha,
    author: 'countersign',
    at: '2026-03-11T04:00:00Z',
    summary: message.split('\n')[0] ?? '',
    files: Object.keys(contents),
    contents,
    key,
  });
  return { sha };
}

function tableWriter(
  world: MemoryWorld,
  engine: 'trino' | 'spark',
  write: <T>(name: string, effect: string, run: () => T) => Promise<T>,
): TableWriter {
  return {
    render(change) {
      if (engine === 'trino' && /feature/.test(change.op))
        throw new AppError('invalid_input', { safeText: 'Trino can not change features.' });
      return `ALTER TABLE ${change.table}`;
    },
    alter: (change) =>
      write(`${engine}.alter`, `${engine} ${change.op} ${change.table} ${JSON.stringify(change.arg)}`, () => {
        const table = world.tables[change.table];
        const { arg } = change;
        if (table && change.op === 'add_column')
          table.columns.push({ name: String(arg['name']), type: String(arg['type']), nullable: true });
        if (table && change.op === 'rename')
          for (const column of table.columns) if (column.name === arg['from']) column.name = String(arg['to']);
        if (table && /type/.test(change.op))
          for (const column of table.columns) if (column.name === arg['column']) column.type = String(arg['type']);
        if (table && change.op === 'set_property') table.properties[String(arg['key'])] = String(arg['value']);
        if (table && change.op === 'add_feature') table.features.push(String(arg['feature']));
        if (table && change.op === 'drop_feature')
          table.features = table.features.filter((name) => name !== arg['feature']);
        return { queryId: 'q1' };
      }),
  };
}
