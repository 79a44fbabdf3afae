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
