import type { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import { excerptOf } from '../../src/domain/excerpt.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpClient, SparkApp, SparkFailure, SparkReader } from '../../src/domain/platform-ports.js';
import type { DriverLogs } from './driver-logs.js';
import { executorsOf } from './executors.js';
import {
  Application,
  Applications,
  Environment,
  Executions,
  Executors,
  type Stage,
  Stages,
  type Task,
  TaskSummary,
  Tasks,
} from './shapes.js';
import { isoOf } from './times.js';

const LISTED = 500;
const STAGES = 5;
const TASKS_A_STAGE = 20;
/** Executions come oldest first and without a count: pages are read to the end, within reason. */
const EXECUTIONS_A_PAGE = 2_000;
const EXECUTION_PAGES = 5;
const QUERIES = 5;
/** `failureReason` is several KB of stack: head, causes and tail are kept. */
const REASON_BYTES = 6_000;

type Summary = SparkFailure['taskSummary'];

/**
 * Reads the Spark History Server. It has no logs: failures are stage reasons, task errors, refused queries and executor losses; what the
 * driver said comes from `driverLogs` or from Kubernetes. Big applications load slowly at first, so give the client 30 s or more.
 */
export function createSparkReader(deps: { http: HttpClient; driverLogs?: DriverLogs }): SparkReader {
  const get = async <S extends z.ZodType>(path: string, schema: S, signal?: AbortSignal): Promise<z.infer<S>> =>
    readJson(
      'Spark History Server',
      await deps.http.request({ method: 'GET', path: `/api/v1${path}`, signal }),
      schema,
    );

  async function summaryOf(
    base: string,
    stage: Stage,
    failed: readonly Task[],
    signal?: AbortSignal,
  ): Promise<Summary> {
    const path = `/api/v1${base}/stages/${stage.stageId}/${stage.attemptId}/taskSummary?quantiles=0.5,1.0`;
    // 404: no task of this stage succeeded, so none reported metrics.
    const answer = await deps.http.request({ method: 'GET', path, signal, accept: [404] });
    if (answer.status === 404) return [];
    return summaryWith(stage, readJson('Spark History Server', answer, TaskSummary), failed);
  }

  /** Stages that failed, or all of them when none did; none when the list is longer than one answer may be. */
  async function stagesOf(base: string, signal?: AbortSignal): Promise<{ failed: Stage[]; worst: Stage | undefined }> {
    const failed = (await get(`${base}/stages?status=failed`, Stages, signal))
      .filter(({ status }) => status === 'FAILED')
      .sort((a, b) => b.stageId - a.stageId || b.attemptId - a.attemptId)
      .slice(0, STAGES);
    if (failed.length > 0) return { failed, worst: worstOf(failed) };
    const all = await get(`${base}/stages`, Stages, signal).catch(ifTooLarge<Stage[]>([]));
    return { failed, worst: worstOf(all) };
  }

  async function queriesOf(base: string, signal?: AbortSignal): Promise<SparkFailure['queries']> {
    const found: SparkFailure['queries'] = [];
    for (let page = 0; page < EXECUTION_PAGES; page += 1) {
      const query = `details=false&planDescription=false&offset=${page * EXECUTIONS_A_PAGE}&length=${EXECUTIONS_A_PAGE}`;
      const path = `/api/v1${base}/sql?${query}`;
      // 404: an old server, or one without the SQL plug-in.
      const answer = await deps.http.request({ method: 'GET', path, signal, accept: [404] });
      if (answer.status === 404) break;
      const executions = readJson('Spark History Server', answer, Executions);
      const failed = executions.filter(({ status, errorMessage }) => status === 'FAILED' && errorMessage?.trim());
      found.push(
        ...failed.map(({ id, description, errorMessage }) => ({
          id,
          description: (description ?? '').slice(0, 300),
          error: excerptOf(errorMessage ?? '', REASON_BYTES),
        })),
      );
      if (executions.length < EXECUTIONS_A_PAGE) break;
    }
    return found.slice(-QUERIES).reverse();
  }

  return {
    async applications(prefix, limit, signal) {
      const all = await get(`/applications?limit=${LISTED}`, Applications, signal);
      return all
        .filter((app) => app.name.startsWith(prefix))
        .map(appOf)
        .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
        .slice(0, limit);
    },

    driverLogs: async (app, signal) => (await deps.driverLogs?.of(app, signal)) ?? [],

    async failure(app, signal) {
      const id = encodeURIComponent(app.id);
      const attempt = (await get(`/applications/${id}`, Application, signal)).attempts[0]?.attemptId;
      // Cluster-mode applications need the attempt in the path; others do not know it.
      const base = attempt ? `/applications/${id}/${encodeURIComponent(attempt)}` : `/applications/${id}`;
      const { failed, worst } = await stagesOf(base, signal);
      const tasks: { stage: Stage; task: Task }[] = [];
      for (const stage of failed) {
        const path = `${base}/stages/${stage.stageId}/${stage.attemptId}/taskList?status=failed&length=${TASKS_A_STAGE}`;
        tasks.push(...(await get(path, Tasks, signal)).map((task) => ({ stage, task })));
      }
      const ofWorst = tasks.filter(({ stage }) => stage === worst).map(({ task }) => task);
      const taskErrors = tasks.map(({ stage, task }) => taskError(stage, task));
      return {
        app,
        stages: failed.map(stageOf),
        taskErrors,
        queries: await queriesOf(base, signal).catch(ifTooLarge<SparkFailure['queries']>([])),
        taskSummary: worst === undefined ? [] : await summaryOf(base, worst, ofWorst, signal),
        executors: executorsOf(await get(`${base}/allexecutors`, Executors, signal), taskErrors),
        settings: Object.fromEntries((await get(`${base}/environment`, Environment, signal)).sparkProperties),
      };
    },
  };
}

/** What is left out when a list is longer than one answer may be. */
function ifTooLarge<T>(instead: T): (thrown: unknown) => T {
  return (thrown) => {
    if (thrown instanceof AppError && thrown.kind === 'too_large') return instead;
    throw thrown;
  };
}

function appOf(app: Application): SparkApp {
  const newest = app.attempts[0];
  const lastEventAt = isoOf(newest?.lastUpdated);
  return {
    id: app.id,
    name: app.name,
    startedAt: isoOf(newest?.startTime) ?? '',
    endedAt: isoOf(newest?.endTime),
    completed: newest?.completed ?? false,
    ...(lastEventAt === undefined ? {} : { lastEventAt }),
  };
}

function stageOf(stage: Stage): SparkFailure['stages'][number] {
  return {
    id: stage.stageId,
    attempt: stage.attemptId,
    name: stage.name ?? '',
    failedTasks: stage.numFailedTasks ?? 0,
    reason: excerptOf(stage.failureReason ?? '', REASON_BYTES),
    spilledBytes: (stage.memoryBytesSpilled ?? 0) + (stage.diskBytesSpilled ?? 0),
  };
}

function taskError(stage: Stage, task: Task): SparkFailure['taskErrors'][number] {
  return {
    stage: stage.stageId,
    index: task.index,
    executor: task.executorId ?? '',
    host: task.host ?? '',
    message: excerptOf(task.errorMessage ?? '', REASON_BYTES),
    inputBytes: (task.taskMetrics?.inputMetrics?.bytesRead ?? 0) + shuffleBytesOf(task),
    durationMs: task.duration ?? task.taskMetrics?.executorRunTime ?? 0,
  };
}

function shuffleBytesOf(task: Task): number {
  const shuffle = task.taskMetrics?.shuffleReadMetrics;
  return (shuffle?.remoteBytesRead ?? 0) + (shuffle?.localBytesRead ?? 0);
}

/** The server's quantiles are those of successful tasks; the task that had too much is often the one that failed, so it counts here. */
function summaryWith(stage: Stage, summary: z.infer<typeof TaskSummary>, failed: readonly Task[]): Summary {
  const metrics: Record<string, [number[] | null | undefined, (task: Task) => number]> = {
    run_time_ms: [summary.executorRunTime, (task) => task.taskMetrics?.executorRunTime ?? 0],
    input_bytes: [summary.inputMetrics?.bytesRead, (task) => task.taskMetrics?.inputMetrics?.bytesRead ?? 0],
    shuffle_read_bytes: [summary.shuffleReadMetrics?.readBytes, shuffleBytesOf],
    disk_spilled_bytes: [summary.diskBytesSpilled, (task) => task.taskMetrics?.diskBytesSpilled ?? 0],
  };
  return Object.entries(metrics).flatMap(([metric, [quantiles, ofTask]]) => {
    const [median, largest] = quantiles ?? [];
    if (median === undefined || largest === undefined) return [];
    const max = Math.max(largest, ...failed.map(ofTask));
    return max === 0 ? [] : [{ stage: stage.stageId, metric, median, max }];
  });
}

function worstOf(stages: readonly Stage[]): Stage | undefined {
  const weight = (stage: Stage): [number, number] => [stage.numFailedTasks ?? 0, stage.executorRunTime ?? 0];
  return [...stages].sort((a, b) => weight(b)[0] - weight(a)[0] || weight(b)[1] - weight(a)[1])[0];
}
