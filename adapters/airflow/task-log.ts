import { AppError } from '../../src/domain/errors.js';
import { createExcerpt } from '../../src/domain/excerpt.js';
import { readJson } from '../../src/domain/http-json.js';
import type { HttpAnswer, TaskInstance } from '../../src/domain/platform-ports.js';
import type { AirflowSession } from './session.js';
import { type LogLine, LogPage } from './shapes.js';
import { runPath } from './task-instances.js';

const MOST_PAGES = 100;
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
]);

/** One try's log as lines of text, within `maxBytes`; undefined when Airflow has none or it is empty (a dead worker's may be). */
export async function readTryLog(
  session: AirflowSession,
  where: { dag: string; run: string; instance: Pick<TaskInstance, 'task' | 'mapIndex'>; attempt: number },
  maxBytes: number,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const excerpt = createExcerpt(maxBytes);
  const path = `${runPath(where.dag, where.run)}/taskInstances/${encodeURIComponent(where.instance.task)}/logs/${where.attempt}`;
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
    });
    if (answer.status === 404) return undefined;
    const { lines, next } = linesOf(answer, session.version);
    for (const line of lines) excerpt.push(line.replace(ANSI, ''));
    // A running task's token never ends; a page without lines or with the same token does.
    if (next === undefined || next === token || lines.length === 0) break;
    token = next;
  }
  const text = excerpt.text();
  return text.trim() === '' ? undefined : text;
}

function linesOf(answer: HttpAnswer, version: '2' | '3'): { lines: string[]; next: string | undefined } {
  if (version === '2' || !/json/.test(answer.headers['content-type'] ?? 'json')) {
    return { lines: answer.text.split('\n'), next: answer.headers['airflow-continuation-token'] };
  }
  const page = readJson('Airflow', answer, LogPage);
  if (page.content === undefined) {
    throw new AppError('unexpected_answer', { safeText: 'Airflow answered with a log page without content.' });
  }
  const content = typeof page.content === 'string' ? page.content.split('\n') : (page.content ?? []);
  const lines = content.flatMap((line) => (typeof line === 'string' ? line.split('\n') : linesOfEvent(line)));
  return {
    lines: lines.filter((line) => !/^::(group|endgroup)::/.test(line)),
    next: page.continuation_token ?? undefined,
  };
}

/** A structured event: time, level, text, its own fields; then each exception as `type: value`, which is what the event text lacks. */
function linesOfEvent(line: LogLine): string[] {
  const event = typeof line.event === 'string' ? line.event : JSON.stringify(line.event ?? '');
  if (/^::(group|endgroup)::/.test(event)) return [];
  const fields = Object.entries(line)
    .filter(([key, value]) => !PLUMBING.has(key) && ['string', 'number', 'boolean'].includes(typeof value))
    .map(([key, value]) => `${key}=${String(value)}`);
  const head = [line.timestamp, line.level?.toUpperCase(), event, ...fields].filter(Boolean).join(' ');
  const causes = (line.error_detail ?? []).map(
    (error) => `${error.is_cause ? 'Caused by: ' : ''}${error.exc_type ?? 'Exception'}: ${error.exc_value ?? ''}`,
  );
  return [head, ...causes].flatMap((text) => text.split('\n'));
}
