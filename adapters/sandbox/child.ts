import { openLocked } from './locked-database.js';
import type { ChildMessage, RunMessage } from './messages.js';
import { runPlan } from './run-plan.js';

// The program of the sandbox's process. It has no environment, opens no file and no connection, and knows nothing but the plans that
// its parent sends; the parent kills it when it does not answer.

const DATABASE_MB = 256;
const WATCH_EVERY_MS = 20;
const atRest = process.memoryUsage.rss();

const say = (message: ChildMessage): void => {
  process.send?.(message);
};

/** Stops at the limits; the memory that DuckDB does not count (one huge text) is seen here alone. */
async function runWithin({ id, plan, limits }: RunMessage): Promise<ChildMessage> {
  const started = performance.now();
  const database = await openLocked(Math.min(DATABASE_MB, limits.memoryMb));
  let stopped: 'time' | 'memory' | undefined;
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() - atRest > limits.memoryMb * 1024 * 1024) stopped ??= 'memory';
    if (performance.now() - started > limits.timeMs) stopped ??= 'time';
    if (stopped !== undefined) database.connection.interrupt();
  }, WATCH_EVERY_MS);
  try {
    const answers = await runPlan(database.connection, plan, limits.rows);
    if (answers.some(({ error }) => error?.startsWith('Out of Memory') === true)) stopped ??= 'memory';
    return stopped === undefined ? { id, answers, elapsedMs: performance.now() - started } : { id, stopped };
  } catch (thrown) {
    if (stopped !== undefined) return { id, stopped };
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return { id, failed: text.split('\n')[0]?.slice(0, 300) ?? '' };
  } finally {
    clearInterval(watch);
    database.close();
  }
}

process.on('message', (message: RunMessage) => {
  void runWithin(message).then(say, (thrown: unknown) => say({ id: message.id, failed: String(thrown).slice(0, 300) }));
});
process.on('disconnect', () => process.exit(0));
say({ ready: true });
