import { AppError } from '../../src/domain/errors.js';
import type { GitReader, PlatformReaders, PlatformWriters } from '../../src/domain/platform-ports.js';
import { readSetting } from '../config-file.js';
import { faulty, fileAt } from './memory-faults.js';
import type { MemoryCommit, MemoryWorld } from './memory-world.js';
import { memoryWriters } from './memory-writers.js';

/** The ports over a world in memory. An operation named in `failBefore` or `failAfter` throws there, once. */
export function createMemoryPlatform(world: MemoryWorld): { readers: PlatformReaders; writers: PlatformWriters } {
  return { readers: memoryReaders(world), writers: memoryWriters(world) };
}

function memoryReaders(world: MemoryWorld): PlatformReaders {
  const read = <T>(name: string, value: () => T): Promise<T> => faulty(world, name, () => structuredClone(value()));
  return {
    airflow: {
      dag: (dag) => read('airflow.dag', () => world.dags[dag]),
      runs: (dag, limit) => read('airflow.runs', () => (world.dags[dag]?.runs ?? []).slice(0, limit)),
      tasks: (dag, run) => read('airflow.tasks', () => world.dags[dag]?.instances[run] ?? []),
      taskLog: (dag, run, task, attempt) => read('airflow.log', () => world.logs[`${dag}/${run}/${task}/${attempt}`]),
    },
    spark: {
      applications: (prefix, limit) =>
        read('spark.applications', () =>
          world.sparkApps
            .map(({ app }) => app)
            .filter((app) => app.name.startsWith(prefix))
            .slice(0, limit),
        ),
      failure: (app) =>
        read('spark.failure', () => {
          const found = world.sparkApps.find((item) => item.app.id === app.id);
          if (!found) throw new AppError('not_found', { safeText: 'There is no such application.' });
          return found.failure;
        }),
      driverLogs: (app) =>
        read('spark.logs', () => world.sparkApps.find((item) => item.app.id === app.id)?.driverLogs ?? []),
    },
    kubernetes: {
      sparkApplication: (namespace, name) =>
        read('k8s.get', () => world.resources.find((item) => item.namespace === namespace && item.name === name)),
      sparkApplications: (prefix) =>
        read('k8s.list', () => world.resources.filter((item) => item.name.startsWith(prefix))),
      pods: () => read('k8s.pods', () => world.pods),
      podLog: (_namespace, pod, _tail, previous) =>
        read('k8s.log', () => world.podLogs[previous ? `${pod}#previous` : pod]),
      events: (_namespace, involved) => read('k8s.events', () => world.podEvents[involved] ?? []),
      quotas: () => read('k8s.quotas', () => world.quotas),
      limits: () => read('k8s.limits', () => world.limits),
    },
    delta: {
      table: (table, limit) =>
        read('delta.table', () => {
          const found = world.tables[table];
          return found && { ...found, commits: found.commits.slice(0, limit) };
        }),
    },
    queries: {
      queries: (match, limit) =>
        read('trino.queries', () =>
          world.queries
            .filter((query) => [query.id, query.user, query.source, query.sql].some((text) => text?.includes(match)))
            .slice(0, limit),
        ),
      query: (id) => read('trino.query', () => world.queries.find((query) => query.id === id)),
      explain: (info, type) => read('trino.explain', () => world.plans[`${info.id}/${type}`] ?? 'Fragment 0 [SINGLE]'),
    },
    kyuubi: {
      operations: (match) =>
        read('kyuubi.operations', () =>
          world.operations.filter((item) => [item.id, item.user, item.statement].some((text) => text.includes(match))),
        ),
    },
    registry: {
      subjects: () => read('registry.subjects', () => Object.keys(world.subjects)),
      versions: (subject) => read('registry.versions', () => world.subjects[subject]),
      compatibility: () => read('registry.compatibility', () => 'BACKWARD'),
      accepts: () => read('registry.accepts', () => world.registryAccepts),
    },
    code: memoryGit(world, () => world.code, read),
    config: memoryGit(world, () => world.config, read),
    metrics: {
      range: (expr) => read('metrics.range', () => world.series[expr] ?? []),
      instant: (expr) => read('metrics.instant', () => world.series[expr]?.[0]?.points.at(-1)?.[1]),
    },
  };
}

function memoryGit(
  world: MemoryWorld,
  commits: () => MemoryCommit[],
  read: <T>(name: string, value: () => T) => Promise<T>,
): GitReader {
  return {
    blame: (file, lines) =>
      read('git.blame', () => {
        const all = world.blames[file];
        const { range, text } = lines ?? {};
        return all?.filter((line) =>
          range ? line.line >= range[0] && line.line <= range[1] : text === undefined || line.text.includes(text),
        );
      }),
    log: ({ file, since, limit }) =>
      read('git.log', () =>
        commits()
          .filter(
            (commit) =>
              (file === undefined || commit.files.includes(file)) &&
              (since === undefined || Date.parse(commit.at) >= since.getTime()),
          )
          .slice(0, limit)
          .map(({ contents: _contents, ...commit }) => commit),
      ),
    changes: ({ text, file, since, limit }) =>
      read('git.changes', () =>
        commits()
          .filter(
            (commit) =>
              Object.entries(commit.contents).some(
                ([path, content]) => (file === undefined || path === file) && content.includes(text),
              ) &&
              (since === undefined || Date.parse(commit.at) >= since.getTime()),
          )
          .slice(0, limit)
          .map(({ contents: _contents, ...commit }) => commit),
      ),
    valueLog: (file, key, limit) =>
      read('git.value', () => {
        const versions = commits()
          .filter(({ contents }) => contents[file] !== undefined)
          .map(({ contents, ...commit }) => ({
            commit,
            after: textOf(readSetting(contents[file] ?? '', key)),
          }));
        return versions
          .map((version, index) => ({ ...version, before: versions[index + 1]?.after }))
          .filter(({ before, after }) => before !== after)
          .slice(0, limit);
      }),
    diff: (sha) =>
      read('git.diff', () =>
        Object.entries(commits().find((commit) => commit.sha === sha)?.contents ?? {})
          .map(
            ([file, text]) =>
              `+++ b/${file}\n${text
                .trimEnd()
                .split('\n')
                .map((line) => `+${line}`)
                .join('\n')}`,
          )
          .join('\n'),
      ),
    file: (path, at) => read('git.file', () => fileAt(commits(), path, at)),
    files: () => read('git.files', () => [...new Set(commits().flatMap((commit) => Object.keys(commit.contents)))]),
  };
}

function textOf(value: string | number | boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
