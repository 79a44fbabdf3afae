import { AppError } from '../../src/domain/errors.js';
import type { SparkApp } from '../../src/domain/platform-ports.js';
import type { ToolContext } from '../../src/domain/tool.js';
import { outside, record } from '../text.js';

const LOG_BYTES = 3_000;
/** How Spark's own layout marks what is no trouble. */
const CHATTER = /^\S+ \S+ (?:INFO|DEBUG|TRACE) /;
/** Words that only a driver that gave up leaves at the end of its log. */
const GAVE_UP =
  /^Traceback \(most recent call last\)|^Exception in thread "main"|User class threw exception|^pyspark\.errors\.\S+Exception:/m;

export interface DriverLines {
  lines: string[];
  /** The driver itself says that the application failed; undefined when its log could not be read. */
  failed: boolean | undefined;
}

/** The collected driver log of one application: records `log driver=… file=…` with its warnings, errors and end behind `| `. */
export async function driverLines(app: SparkApp, { readers, signal }: ToolContext): Promise<DriverLines> {
  try {
    const logs = (await readers.spark.driverLogs(app, signal)).map(({ source, text }) => ({
      source,
      text: plain(text),
    }));
    return {
      lines: logs.flatMap(({ source, text }) => [
        record('log', { driver: app.id, file: source }),
        ...outside(withoutChatter(text), LOG_BYTES),
      ]),
      failed: logs.some(({ text }) => GAVE_UP.test(text)),
    };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return { lines: [record('unavailable', { system: 'driver logs', text: thrown.safeText })], failed: undefined };
  }
}

/** INFO lines are nearly all of a driver's log and explain nothing; a log of nothing else is shown as it is. */
function withoutChatter(text: string): string {
  const lines = text.split('\n');
  const kept = lines.filter((line) => !CHATTER.test(line));
  if (!kept.some((line) => line.trim() !== '')) return text;
  const left = lines.length - kept.length;
  return left === 0 ? text : [`[${left} INFO lines left out]`, ...kept].join('\n');
}

/** Spark 4 writes some lines, or all, as JSON: here as the others are. */
function plain(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith('{"ts":') ? fromJson(line) : line))
    .join('\n');
}

function fromJson(line: string): string {
  try {
    const { ts, level, logger, msg } = JSON.parse(line) as Record<string, unknown>;
    // Time with one space, as Spark's own layout has it.
    return `${String(ts).replace('T', ' ')} ${String(level)} ${String(logger)}: ${String(msg)}`;
  } catch {
    // Cut off in the middle: shown as it is.
    return line;
  }
}
