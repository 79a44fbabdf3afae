import type { z } from 'zod';
import { excerptOf } from '../../src/domain/excerpt.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpClient, SparkApp, SparkFailure, SparkReader } from '../../src/domain/platform-ports.js';
import type { DriverLogs } from './driver-logs.js';
import {
  Application,
  Applications,
  Environment,
  Executors,
  type Stage,
  Stages,
  type Task,
  TaskSummary,
  Tasks,
} from './shapes.js';

const LISTED = 500;
const STAGES = 5;
const TASKS_A_STAGE = 20;
const EXECUTORS = 50;
/** `failureReason` is several KB of stack: head, causes and tail are kept. */
const REASON_BYTES = 6_000;

/**
 * Reads the Spark History Server. It has no logs: failures are stage reasons, task errors and executor losses; driver output
 * comes from Kubernetes. Big applications load slowly at first, so give the client 30 s or more.
 */
export function createSparkReader(deps: { http: HttpClient; driverLogs?: DriverLogs }): SparkReader {
  const get = async <S extends z.ZodType>(path: string, schema: S, signal?: AbortSignal): Promise<z.infer<S>> =>
    readJson(
      'Spark History Server',
      await deps.http.request({ method: 'GET', path: `/api/v1${path}`, signal }),
      schema,
    );

  async function summaryOf(base: string, stage: Stage, signal?: AbortSignal): Promise<SparkFailure['taskSummary']> {
    const path = `/api/v1${base}/stages/${stage.stageId}/${stage.attemptId}/taskSummary?quantiles=0.5,1.0`;
    // 404: no task of this stage ever reported metrics.
    const answer = await deps.http.request({ method: 'GET', path, signal, accept: [404] });
    if (answer.status === 404) return [];
    const summary = readJson('Spark History Server', answer, TaskSummary);
    const metrics = {
      run_time_ms: summary.executorRunTime,
      input_bytes: summary.inputMetrics?.bytesRead,
      shuffle_read_bytes: summary.shuffleReadMetrics?.readBytes,
      disk_spilled_bytes: summary.diskBytesSpilled,
    };
    return Object.entries(metrics).flatMap(([metric, values]) => {
      const [median, max] = values ?? [];
      return median === undefined || max === undefined || max === 0
        ? []
        : [{ stage: stage.stageId, metric, median, max }];
    });
  }

  async function taskErrorsOf(base: string, stage: Stage, signal?: AbortSignal): Promise<SparkFailure['taskErrors']> {
    const path = `${base}/stages/${stage.stageId}/${stage.attemptId}/taskList?status=failed&length=${TASKS_A_STAGE}`;
    return (await get(path, Tasks, signal)).map((task) => taskError(stage, task));
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
      const stages = await get(`${base}/stages`, Stages, signal);
      const failed = stages
        .filter((stage) => stage.status === 'FAILED')
        .sort((a, b) => b.stageId - a.stageId || b.attemptId - a.attemptId)
        .slice(0, STAGES);
      const worst = worstOf(failed.length > 0 ? failed : stages);
      const taskErrors: SparkFailure['taskErrors'] = [];
      for (const stage of failed) taskErrors.push(...(await taskErrorsOf(base, stage, signal)));
      return {
        app,
        stages: failed.map(stageOf),
        taskErrors,
        taskSummary: worst === undefined ? [] : await summaryOf(base, worst, signal),
        executors: executorsOf(await get(`${base}/allexecutors`, Executors, signal)),
        settings: Object.fromEntries((await get(`${base}/environment`, Environment, signal)).sparkProperties),
      };
    },
  };
}

function appOf(app: Application): SparkApp {
  const newest = app.attempts[0];
  const ended = isoOf(newest?.endTime);
  return {
    id: app.id,
    name: app.name,
    startedAt: isoOf(newest?.startTime) ?? '',
    endedAt: ended,
    completed: newest?.completed ?? false,
  };
}

/** `2026-11-23T02:14:00.000GMT` to ISO; the 1969 of an application that never ended is no time. */
function isoOf(text: string | null | undefined): string | undefined {
  const at = Date.parse((text ?? '').replace(/GMT$/, 'Z'));
  return at > 0 ? new Date(at).toISOString() : undefined;
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
  const shuffle = task.taskMetrics?.shuffleReadMetrics;
  return {
    stage: stage.stageId,
    index: task.index,
    executor: task.executorId ?? '',
    host: task.host ?? '',
    message: excerptOf(task.errorMessage ?? '', REASON_BYTES),
    inputBytes:
      (task.taskMetrics?.inputMetrics?.bytesRead ?? 0) +
      (shuffle?.remoteBytesRead ?? 0) +
      (shuffle?.localBytesRead ?? 0),
    durationMs: task.duration ?? task.taskMetrics?.executorRunTime ?? 0,
  };
}

function worstOf(stages: readonly Stage[]): Stage | undefined {
  const weight = (stage: Stage): [number, number] => [stage.numFailedTasks ?? 0, stage.executorRunTime ?? 0];
  return [...stages].sort((a, b) => weight(b)[0] - weight(a)[0] || weight(b)[1] - weight(a)[1])[0];
}

/** The lost and the failing first, so that the bound never hides them. */
function executorsOf(executors: z.infer<typeof Executors>): SparkFailure['executors'] {
  return executors
    .map((executor) => ({
      id: executor.id,
      host: (executor.hostPort ?? '').replace(/:\d+$/, ''),
      active: executor.isActive ?? false,
      removeReason: executor.removeReason ?? undefined,
      failedTasks: executor.failedTasks ?? 0,
      maxMemory: executor.maxMemory ?? 0,
    }))
    .sort((a, b) => Number(a.active) - Number(b.active) || b.failedTasks - a.failedTasks)
    .slice(0, EXECUTORS);
}
