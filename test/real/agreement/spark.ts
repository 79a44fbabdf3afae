import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot, placeOf } from '../place.js';
import { alone } from '../processes.js';
import { installSpark } from '../spark/installation.js';
import { runJob } from '../spark/submit.js';
import type { Suite } from './suite.js';

type Cell = string | null | Cell[];
const Cell: z.ZodType<Cell> = z.lazy(() => z.union([z.string(), z.null(), z.array(Cell)]));
const Column = z.object({ name: z.string(), type: z.string(), nullable: z.boolean() });

/** What Spark made of a query: refused it, stopped while it ran, or gave rows. */
const SparkAnswer = z.union([
  z.object({ refused: z.string() }),
  z.object({ columns: z.array(Column), stopped: z.string() }),
  z.object({ columns: z.array(Column), rows: z.array(z.array(Cell)) }),
]);
export type SparkAnswer = z.infer<typeof SparkAnswer>;
const Answers = z.object({ version: z.string(), answers: z.record(z.string(), SparkAnswer) });
export type SparkAnswers = z.infer<typeof Answers>;

const CONF = {
  'spark.sql.ansi.enabled': 'true',
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.shuffle.partitions': '1',
  'spark.eventLog.enabled': 'false',
};

/** Runs the suite on Spark. The same suite is answered once: its answers are kept in var/agreement. @throws Error with what Spark said. */
export async function askSpark(suite: Suite): Promise<SparkAnswers> {
  const folder = join(packageRoot(), 'var/agreement');
  mkdirSync(folder, { recursive: true });
  const asked = JSON.stringify(suite);
  const name = createHash('sha256').update(asked).update(JSON.stringify(CONF)).digest('hex').slice(0, 16);
  const [request, answer] = [join(folder, `${name}.request.json`), join(folder, `${name}.answer.json`)];
  if (!existsSync(answer)) {
    await alone('install-spark', () => installSpark(placeOf('spark')));
    writeFileSync(request, asked);
    const job = join(packageRoot(), 'test/real/agreement/run.py');
    const { code, output } = await runJob({ name: 'agreement', job, args: [request, answer], conf: CONF });
    if (code !== 0 || !existsSync(answer)) throw new Error(`Spark ended with ${code}:\n${output.slice(-4000)}`);
  }
  return Answers.parse(JSON.parse(readFileSync(answer, 'utf8')));
}
