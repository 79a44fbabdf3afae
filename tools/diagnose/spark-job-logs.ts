import { z } from 'zod';
import { AppError } from '../../src/domain/errors.js';
import type { SparkApp, SparkFailure } from '../../src/domain/platform-ports.js';
import type { DiagnoseTool, ToolContext } from '../../src/domain/tool.js';
import { findPipeline, similar } from '../resolve.js';
import { record } from '../text.js';
import { type DriverLines, driverLines } from './spark-driver-lines.js';
import { failureLines, lostExecutors } from './spark-failure-lines.js';
import { podLines } from './spark-pod-lines.js';

const Args = z.strictObject({
  app: z.string().min(1).max(250).describe('Application id, name or name prefix, SparkApplication name, or dag.task'),
  lines: z.number().int().min(10).max(1000).optional().describe('Lines of the driver log to look at; default 300'),
});

const CANDIDATES = 3;

/** Everything there is to know about why a Spark application failed; the History Server has no logs, so pods are asked too. */
export const sparkJobLogs: DiagnoseTool<typeof Args> = {
  name: 'spark_job_logs',
  version: '1',
  description:
    'Spark: the newest failed application by id, name or dag.task: failed stages and tasks with their reasons, lost executors, skew and ' +
    'spill, memory settings, the SparkApplication resource, its pods, events and quota, and the end of the driver log. ' +
    'Use it when a task ran Spark; exit code 137 means out of memory only where a pod says OOMKilled.',
  args: Args,
  readOnly: true,
  async run(args, context) {
    const prefix = prefixOf(args.app, context);
    const [apps, pods] = await Promise.allSettled([
      sparkLines(args.app, prefix, context),
      podLines(prefix, args.lines ?? 300, context),
    ]);
    if (apps.status === 'rejected' && pods.status === 'rejected') throw apps.reason;
    const found = apps.status === 'fulfilled' ? apps.value : undefined;
    const ofPods = pods.status === 'fulfilled' ? pods.value : missing('kubernetes', pods);
    // The pod's log is the driver's own; what was collected of it would say the same again.
    const collected = ofPods.some((line) => line.startsWith('log pod=')) ? [] : (found?.driver ?? []);
    const lines = [...(found?.lines ?? missing('spark history server', apps)), ...ofPods, ...collected];
    if (lines.length === 0) return { status: 'no_data', searched: searched(args.app, prefix, context) };
    return {
      status: 'ok',
      text: lines.join('\n'),
      headline: found?.headline ?? `${prefix}: no application in the History Server`,
    };
  },
};

/** The name prefix of the application: that of the task in the inventory, or what was asked for. */
function prefixOf(app: string, { inventory }: ToolContext): string {
  const plain =
    app
      .trim()
      .replace(/^(?:spark|k8s):/i, '')
      .split('/')
      .at(-1) ?? app;
  const found = findPipeline(inventory, app) ?? findPipeline(inventory, plain);
  const tasks = found?.task
    ? [found.task]
    : (found?.pipeline.tasks ?? inventory.pipelines.flatMap((p) => p.tasks).filter((task) => task.id === plain));
  return tasks.find((task) => task.sparkApp !== undefined)?.sparkApp ?? plain;
}

async function sparkLines(
  asked: string,
  prefix: string,
  context: ToolContext,
): Promise<{ lines: string[]; driver: string[]; headline: string } | undefined> {
  const { readers, signal } = context;
  const named = await readers.spark.applications(prefix, CANDIDATES, signal);
  const apps =
    named.length > 0
      ? named
      : (await readers.spark.applications('', 100, signal)).filter((app) => app.id === asked.trim());
  const seen = new Map<string, Seen>();
  for (const app of apps) {
    const failure = await readers.spark.failure(app, signal);
    // What fails before its first job leaves no trace in the History Server: only its driver's log tells.
    const driver = await driverLines(app, context);
    const failed = hasFailed(failure) || driver.failed;
    seen.set(app.id, { failure, driver, failed });
    if (failed) break;
  }
  const shown = [...seen.values()].find(({ failed }) => failed) ?? [...seen.values()][0];
  if (!shown) return undefined;
  const { failure, driver } = shown;
  const lost = lostExecutors(failure).length;
  const unread = [...seen.values()].filter((item) => item !== shown && item.driver.failed === undefined).slice(0, 1);
  return {
    lines: [...apps.map((app) => appLine(app, seen.get(app.id)?.failed)), ...failureLines(failure)],
    driver: [...driver.lines, ...unread.flatMap((item) => item.driver.lines)],
    headline: `${failure.app.name} ${failure.app.id}: ${whatFailed(failure)}, ${lost} executors lost`,
  };
}

interface Seen {
  failure: SparkFailure;
  driver: DriverLines;
  /** Undefined: nothing says so, but not everything could be read. */
  failed: boolean | undefined;
}

function whatFailed({ stages: [stage], queries: [query] }: SparkFailure): string {
  if (stage) return `stage ${stage.id} failed ${stage.failedTasks} tasks`;
  return query ? `query ${query.id} was refused` : 'no failed stage';
}

function hasFailed(failure: SparkFailure): boolean {
  return (
    failure.stages.length > 0 ||
    failure.taskErrors.length > 0 ||
    failure.queries.length > 0 ||
    failure.executors.some((item) => item.failedTasks > 0)
  );
}

function appLine(app: SparkApp, failed: boolean | undefined): string {
  // Completed in the History Server's sense means that it ended; only its stages, queries and driver tell how.
  const ended = failed === undefined ? 'ENDED' : failed ? 'FAILED' : 'COMPLETED';
  const state = app.completed ? ended : 'RUNNING';
  // A driver that was killed looks like one that runs: its last event is what tells them apart.
  const last = app.completed ? undefined : app.lastEventAt;
  return record('app', {
    id: app.id,
    name: app.name,
    state,
    started: app.startedAt,
    ended: app.endedAt,
    last_event: last,
  });
}

function missing(system: string, result: PromiseSettledResult<unknown>): string[] {
  if (result.status === 'fulfilled') return [];
  if (!(result.reason instanceof AppError)) throw result.reason;
  return [record('unavailable', { system, text: result.reason.safeText })];
}

function searched(asked: string, prefix: string, { inventory }: ToolContext): string {
  const known = inventory.pipelines.flatMap(({ tasks }) => tasks.flatMap((task) => task.sparkApp ?? []));
  const near = similar(asked, known);
  const offer = near.length > 0 ? near : known.slice(0, 5);
  return `the Spark History Server and the SparkApplications for names that start with "${prefix}"; applications of the inventory: ${offer.join(', ') || 'none'}`;
}
