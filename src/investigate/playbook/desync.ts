import { factsOf, outsideLines } from './case-file.js';
import { type Context, time } from './context.js';
import { entity, type Finding, quoted, symptom } from './procedure.js';
import { writtenInTry } from './retry.js';

const SQL_WRITES = /\b(?:INSERT|MERGE|CREATE\s+(?:OR\s+REPLACE\s+)?TABLE|UPDATE|DELETE)\b/i;

/** The task is told to have failed, and its work was done: a commit or a finished statement of that very try says so. */
export function doneAllTheSame(context: Context): Finding[] {
  const { dag, taskId } = context.focus;
  const signal = context.signals.find(({ family }) => family === 'lost_contact' || family === 'outside_hand');
  const proof = writtenInTry(context) ?? finishedStatement(context);
  if (taskId === undefined || signal === undefined || proof === undefined) return [];
  return [
    {
      cause: {
        category: 'executor_failure',
        ...entity('airflow', `${dag}.${taskId}`),
        change: 'state_desync',
        claim: `The work of ${dag}.${taskId} was done; only its state was lost on the way.`,
      },
      strength: 3,
      at: undefined,
      quotes: [quoted(proof, 'the work was done'), ...symptom(context, [signal.family])],
      explains: ['lost_contact', 'outside_hand', 'lost_executor'],
      repair: /externally set to success/i.test(signal.line.text)
        ? { escalate: 'A person or another system set this state on purpose, so I do not run it again.' }
        : [],
    },
  ];
}

/** A statement of the task's user that began in the try, writes, and has finished. */
export function finishedStatement(context: Context): ReturnType<typeof factsOf>[number] | undefined {
  const { startedAt, failedAt, task } = context.focus;
  const user = task?.queryUser;
  if (user === undefined || startedAt === undefined) return undefined;
  const writes = outsideLines(context.file, ['kyuubi_query_plan']).some(({ text }) => SQL_WRITES.test(text));
  return factsOf(context.file, 'kyuubi_query_plan', 'query').find(({ fields }) => {
    const at = time(fields['created']);
    const own = fields['user'] === user && fields['state'] === 'FINISHED';
    return own && writes && at !== undefined && at >= startedAt - 60_000 && at <= failedAt;
  });
}
