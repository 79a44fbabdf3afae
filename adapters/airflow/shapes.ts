import { z } from 'zod';

/** Only the fields in use, of both API versions; states are free strings, because new ones appear. */
const text = z.string().nullish();

export const Dag = z.looseObject({
  dag_id: z.string(),
  is_paused: z.boolean().nullish(),
  owners: z.array(z.string()).default([]),
  fileloc: text,
  relative_fileloc: text,
  timetable_summary: text,
  /** Airflow 2: `{__type, value}`. */
  schedule_interval: z.union([z.looseObject({ value: z.unknown() }), z.string()]).nullish(),
  has_import_errors: z.boolean().nullish(),
});
export type Dag = z.infer<typeof Dag>;

export const ImportErrors = z.looseObject({
  import_errors: z.array(z.looseObject({ filename: text, stack_trace: text })),
});

export const DagRun = z.looseObject({
  dag_run_id: z.string(),
  state: text,
  run_type: text,
  logical_date: text,
  execution_date: text,
  start_date: text,
  end_date: text,
  note: text,
});
export const DagRuns = z.looseObject({ dag_runs: z.array(DagRun) });

const Task = z.looseObject({
  task_id: z.string(),
  map_index: z.number().int().nullish(),
  state: text,
  try_number: z.number().int().nullish(),
  max_tries: z.number().int().nullish(),
  operator: text,
  start_date: text,
  end_date: text,
  hostname: text,
});
export const TaskInstances = z.looseObject({
  task_instances: z.array(Task),
  total_entries: z.number().int().nullish(),
});

export const EventLogs = z.looseObject({
  event_logs: z.array(
    z.looseObject({
      when: text,
      event: z.string(),
      owner: text,
      extra: text,
      try_number: z.number().int().nullish(),
      map_index: z.number().int().nullish(),
    }),
  ),
});

/** One structured log line of Airflow 3. */
export const LogLine = z.looseObject({
  timestamp: text,
  event: z.unknown(),
  level: text,
  error_detail: z
    .array(
      z.looseObject({
        exc_type: text,
        exc_value: text,
        exc_notes: z.array(z.string()).nullish().catch(undefined),
        is_cause: z.boolean().nullish(),
        frames: z
          .array(z.looseObject({ filename: text, lineno: z.number().nullish(), name: text }))
          .nullish()
          .catch(undefined),
      }),
    )
    .nullish()
    .catch(undefined),
});
export type LogLine = z.infer<typeof LogLine>;
export const LogPage = z.looseObject({
  content: z.union([z.array(z.union([z.string(), LogLine])), z.string()]).nullish(),
  continuation_token: text,
});
export type LogPage = z.infer<typeof LogPage>;
