import { factsOf } from './case-file.js';
import { type Context, time } from './context.js';

const MINUTE = 60_000;

/** How many minutes the runs of a pipeline that passed took: the middle one; 0 where none was seen. */
export function usualMinutes({ file }: Context, dag: string): number {
  const durations = factsOf(file, 'airflow_dag_status', 'run')
    .filter(({ call, fields }) => call.args['dag_id'] === dag && fields['state'] === 'success')
    .flatMap(({ fields }) => {
      const [from, to] = [time(fields['started']), time(fields['ended'])];
      return from === undefined || to === undefined ? [] : [(to - from) / MINUTE];
    })
    .sort((a, b) => a - b);
  return durations[Math.floor(durations.length / 2)] ?? 0;
}

/** Tries within this time of one another may all have met the same disturbance; what fails longer fails for good. */
const ONE_DISTURBANCE = 2 * 60 * MINUTE;

/** True when the tries of the run reach over more time than a disturbance lasts that passes by itself. */
export function hasLasted({ file, focus }: Context): boolean {
  const run = factsOf(file, 'airflow_dag_status', 'run').find(
    ({ call, fields }) => call.args['dag_id'] === focus.dag && fields['id'] === focus.run,
  );
  const began = time(run?.fields['started']);
  return began === undefined || focus.failedAt - began > ONE_DISTURBANCE;
}
