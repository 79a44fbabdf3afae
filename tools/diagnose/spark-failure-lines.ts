import type { SparkFailure } from '../../src/domain/platform-ports.js';
import { outside, record, short } from '../text.js';

const REASON_BYTES = 1_800;
const MESSAGE_BYTES = 1_200;
const MOST = { settings: 24, stages: 3, queries: 2, errors: 4, executors: 12 };
/** Executors that are told to go when the application ends are not lost. */
const LEAVE_MS = 15_000;
/** Settings that explain failures and can hold no secret. */
const SETTING =
  /\.(?:memory|cores|instances|memoryOverhead|memoryOverheadFactor|maxResultSize|fraction|partitions|maxFailures|image)$|\.dynamicAllocation\.|\.adaptive\.|\.autoBroadcastJoinThreshold$|\.network\.timeout$|\.heartbeatInterval$|\.speculation$|delta\.|parquet\.|\.caseSensitive$|\.ansi\.enabled$|^spark\.(?:app\.name|master|jars\.packages|sql\.extensions)$/i;
const SECRET = /secret|password|token|credential|\.key$|access.?key/i;

/** What the History Server knows of a failure, as records. */
export function failureLines(failure: SparkFailure): string[] {
  return [
    ...settingLines(failure.settings),
    ...failure.stages.slice(0, MOST.stages).flatMap((stage) => [
      record('stage', {
        id: stage.id,
        attempt: stage.attempt,
        failed_tasks: stage.failedTasks,
        spilled_bytes: stage.spilledBytes,
      }),
      ...outside(stage.reason, REASON_BYTES),
    ]),
    ...queryLines(failure),
    ...taskErrorLines(failure.taskErrors),
    ...failure.taskSummary.map(({ stage, metric, median, max }) =>
      record('skew', {
        stage,
        metric,
        median: short(median),
        max: short(max),
        ratio: median > 0 ? short(max / median) : undefined,
      }),
    ),
    ...executorLines(failure),
  ];
}

/** What Spark said to a query; not again what the stage said. */
function queryLines({ queries, stages }: SparkFailure): string[] {
  const told = new Set(stages.map(({ reason }) => beginning(reason)));
  return queries
    .filter(({ error }) => !told.has(beginning(error)))
    .slice(0, MOST.queries)
    .flatMap(({ id, description, error }) => [
      record('query_error', { id, description }),
      ...outside(error, MESSAGE_BYTES),
    ]);
}

const beginning = (text: string): string => text.trim().slice(0, 100);

/** Executors that went away before their time. */
export function lostExecutors({ app, executors }: SparkFailure): SparkFailure['executors'] {
  const end = Date.parse(app.endedAt ?? '');
  return executors.filter(({ active, removeReason, removedAt }) => {
    const atTheEnd =
      Math.abs(end - Date.parse(removedAt ?? '')) < LEAVE_MS &&
      /\b(?:code|status):? (?:0|143)\b/.test(removeReason ?? '');
    return (removeReason !== undefined || !active) && !atTheEnd;
  });
}

function settingLines(settings: SparkFailure['settings']): string[] {
  return Object.entries(settings)
    .filter(([key]) => SETTING.test(key) && !SECRET.test(key))
    .sort(([a], [b]) => a.localeCompare(b))
    .slice(0, MOST.settings)
    .map(([key, value]) => record('setting', { key, value }));
}

/** One line a different error: a hundred tasks that failed alike say no more than one. */
function taskErrorLines(errors: SparkFailure['taskErrors']): string[] {
  const seen = new Set<string>();
  const different = errors.filter(({ message }) => {
    const kind = message.replace(/\d+/g, '#').slice(0, 300);
    return !seen.has(kind) && seen.add(kind);
  });
  return different
    .slice(0, MOST.errors)
    .flatMap((error) => [
      record('task_error', { stage: error.stage, index: error.index, executor: error.executor, host: error.host }),
      ...outside(error.message, MESSAGE_BYTES),
    ]);
}

/** Lost executors first, then those with failed tasks; the rest only when there is nothing else to show. */
function executorLines(failure: SparkFailure): string[] {
  const { executors } = failure;
  const lost = lostExecutors(failure);
  const troubled = executors.filter((item) => item.failedTasks > 0 && !lost.includes(item));
  const shown = [...lost, ...troubled];
  return (shown.length > 0 ? shown : executors.slice(0, 3)).slice(0, MOST.executors).map((item) =>
    record('executor', {
      id: item.id,
      host: item.host,
      active: item.active,
      removed: item.removeReason,
      failed_tasks: item.failedTasks,
    }),
  );
}
