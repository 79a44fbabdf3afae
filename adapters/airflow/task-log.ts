import { AppError } from '../../src/domain/errors.js';
import { createExcerpt } from '../../src/domain/excerpt.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpAnswer, TaskInstance } from '../../src/domain/platform-ports.js';
import type { AirflowSession } from './session.js';
import { type LogLine, LogPage } from './shapes.js';
import { runPath } from './task-instances.js';

const MOST_PAGES = 100;
/** Airflow 3 sends the log of a finished try in one answer, however long. */
const LARGEST_ANSWER = 24_000_000;
/** The group that lists where Airflow found the log: paths of the server, not words of the task. */
const SOURCES = '::group::Log message source details';
const LONGEST_FIELD = 500;
const GROUP_OF_2 = /(^| INFO - )::(end)?group::/;
const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, 'g');
/** Fields of a structured line that are position, not content. */
const PLUMBING: ReadonlySet<string> = new Set([
  'timestamp',
  'event',
  'level',
  'logger',
  'chan',
  'error_detail',
  'sources',
  'filename',
  'lineno',
  'loc',
  // Airflow 3.3 repeats on every line which task instance it is of.
  'ti_id',
  'dag_id',
  'run_id',
  'task_id',
  'map_index',
  'try_number',
]);

/**
 * One try's log as lines of text, within `maxBytes`; undefined when Airflow has none or it is empty, as a dead worker's may be.
 * Where the log names no exception, `unexplained` may add lines of another source at its end.
 */
export async function readTryLog(
  session: AirflowSession,
  where: { dag: string; run: string; instance: Pick<TaskInstance, 'task' | 'mapIndex'>; attempt: number },
  maxBytes: number,
  unexplained: () => Promise<string[]>,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const excerpt = createExcerpt(maxBytes);
  const path = `${runPath(where.dag, where.run)}/taskInstances/${encodeURIComponent(where.instance.task)}/logs/${where.attempt}`;
  const group = { ofSources: false };
  let explained = false;
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = new URLSearchParams({ map_index: String(where.instance.mapIndex), full_content: 'false' });
    if (token !== undefined) query.set('token', token);
    const answer = await session.call({
      method: 'GET',
      path: `${path}?${query}`,
      // Airflow 2 answers JSON with a Python repr inside; its plain text is the log itself.
      headers: { accept: session.version === '3' ? 'application/json' : 'text/plain' },
      signal,
      accept: [404],
      maxBytes: LARGEST_ANSWER,
    });
    if (answer.status === 404) return undefined;
    const { lines, next, failed } = linesOf(answer, session.version, group);
    explained ||= failed;
    for (const line of lines) excerpt.push(line.replace(ANSI, ''));
    // A running task's token never ends; a page without lines or with the same token does.
    if (next === undefined || next === token || lines.length === 0) break;
    token = next;
  }
  if (!explained) for (const line of await unexplained()) excerpt.push(line);
  const text = excerpt.text();
  return text.trim() === '' ? undefined : text;
}

interface LogPart {
  lines: string[];
  next: string | undefined;
  failed: boolean;
}

function linesOf(answer: HttpAnswer, version: '2' | '3', group: { ofSources: boolean }): LogPart {
  if (version === '2' || !/json/.test(answer.headers['content-type'] ?? 'json')) {
    const failed = /^Traceback \(most recent call last\)/m.test(answer.text);
    // Lines with stars name the files the log was found in.
    const lines = answer.text.split('\n').filter((line) => !line.startsWith('***') && !GROUP_OF_2.test(line));
    return { lines, next: answer.headers['airflow-continuation-token'], failed };
  }
  const page = readJson('Airflow', answer, LogPage);
  if (page.content === undefined) {
    throw new AppError('unexpected_answer', { safeText: 'Airflow answered with a log page without content.' });
  }
  const content = typeof page.content === 'string' ? page.content.split('\n') : (page.content ?? []);
  const failed = content.some((line) => typeof line !== 'string' && (line.error_detail ?? []).length > 0);
  const lines = content.flatMap((line) => (typeof line === 'string' ? line.split('\n') : linesOfEvent(line)));
  return { lines: withoutGroups(lines, group), next: page.continuation_token ?? undefined, failed };
}

/** Group markers are for a browser that folds; what stands in the group of sources goes with them. */
function withoutGroups(lines: readonly string[], group: { ofSources: boolean }): string[] {
  return lines.filter((line) => {
    if (line.startsWith(SOURCES)) group.ofSources = true;
    const marker = /^::(group|endgroup)::/.test(line);
    const kept = !marker && !group.ofSources;
    if (line.startsWith('::endgroup::')) group.ofSources = false;
    return kept;
  });
}

/** A structured event: time, level, text, its own fields; then each exception as `type: value`, which is what the event text lacks. */
function linesOfEvent(line: LogLine): string[] {
  const event = typeof line.event === 'string' ? line.event : JSON.stringify(line.event ?? '');
  if (/^::(group|endgroup)::/.test(event)) return [event];
  const fields = Object.entries(line).flatMap(([key, value]) => (PLUMBING.has(key) ? [] : fieldOf(key, value)));
  const head = [line.timestamp, line.level?.toUpperCase(), event, ...fields].filter(Boolean).join(' ');
  const causes = (line.error_detail ?? []).flatMap((error) => [
    `${error.is_cause ? 'Caused by: ' : ''}${error.exc_type ?? 'Exception'}: ${error.exc_value ?? ''}`,
    ...(error.exc_notes ?? []),
    ...placeOf(error.frames?.at(-1)),
  ]);
  return [head, ...causes].flatMap((text) => text.split('\n'));
}

/** Where it was raised, for whoever looks up who changed that line. */
function placeOf(frame: { filename?: unknown; lineno?: unknown; name?: unknown } | undefined): string[] {
  return frame === undefined ? [] : [`  at ${String(frame.filename)}:${String(frame.lineno)} in ${String(frame.name)}`];
}

/** Short values as they are, objects as JSON: why a server ended a task stands in one. */
function fieldOf(key: string, value: unknown): string[] {
  if (['string', 'number', 'boolean'].includes(typeof value)) return [`${key}=${String(value)}`];
  return typeof value === 'object' && value !== null ? [`${key}=${JSON.stringify(value).slice(0, LONGEST_FIELD)}`] : [];
}
