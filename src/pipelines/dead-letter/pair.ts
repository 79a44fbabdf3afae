import type { PipelineConfig, RowCheck } from '../config.js';

export interface PairOptions {
  /** The input whose rows are parted, and its columns. */
  source: string;
  columns: readonly string[];
  checks: readonly RowCheck[];
  reasonColumn: string;
}

const name = (text: string): string => (/^[A-Za-z_]\w*$/.test(text) ? text : `\`${text.replaceAll('`', '``')}\``);

/** Of a NULL a check is not known; it counts as failed, so that the row is rejected and not lost between the two. */
const sure = ({ expect }: RowCheck): string => `COALESCE(${expect}, FALSE)`;

/**
 * The queries for valid and rejected rows, both from one list of checks, so that each row goes to exactly one of them. A row is
 * rejected for the first check that it fails.
 */
export function deadLetterPair({ source, columns, checks, reasonColumn }: PairOptions): {
  valid: string;
  rejected: string;
} {
  const list = columns.map(name).join(', ');
  const passes = checks.map(sure);
  const reasons = checks.map((check) => `WHEN NOT ${sure(check)} THEN '${check.reason}'`);
  return {
    valid: `SELECT ${list}\nFROM ${name(source)}\nWHERE ${passes.join('\n  AND ')}\n`,
    rejected: [
      `SELECT ${list},`,
      `  CASE ${reasons.join('\n       ')} END AS ${name(reasonColumn)}`,
      `FROM ${name(source)}`,
      `WHERE NOT (${passes.join('\n  AND ')})\n`,
    ].join('\n'),
  };
}

/** A figure that each run of the pipeline reports. */
export interface DeadLetterMetric {
  name: 'pipeline_rejected_records' | 'pipeline_rejected_share';
  labels: Readonly<Record<string, string>>;
  about: string;
  /** Above it the run fails. */
  limit?: number;
}

/** What is counted of a dead letter: rejected records by reason, and their share of all. */
export function deadLetterMetrics({ metadata, errorHandling }: PipelineConfig): DeadLetterMetric[] {
  const block = errorHandling.deadLetter;
  if (block === undefined) return [];
  const pipeline = metadata.name;
  const counts = block.checks.map(
    ({ reason, expect }): DeadLetterMetric => ({
      name: 'pipeline_rejected_records',
      labels: { pipeline, reason },
      about: `records for which it does not hold that ${expect}`,
    }),
  );
  const limit = block.maxRate === undefined ? {} : { limit: block.maxRate };
  return [
    ...counts,
    { name: 'pipeline_rejected_share', labels: { pipeline }, about: 'share of rejected records', ...limit },
  ];
}
