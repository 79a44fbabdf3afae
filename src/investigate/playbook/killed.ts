import { outOfMemory } from './capacity.js';
import { type Fact, factsOf, type OutsideLine } from './case-file.js';
import type { Context } from './context.js';
import { entity, type Finding, type Quote, quoted } from './procedure.js';
import { hasLasted } from './running-time.js';
import type { Family } from './signals.js';

const KILLS: readonly Family[] = ['lost_executor', 'lost_contact', 'memory'];
/** Exit codes and signals of a process that something ended from outside. 137 alone says nothing about memory. */
const KILLED =
  /exit(?:ed)?(?: with)?(?: exit)? ?code:? ?1(?:37|43)\b|ExitCode: 1(?:37|43)|zombie|unknown reasons|heartbeat timed out|no recent heartbeats|SIGKILL|SIGTERM|signal[ =]-?(?:9|15)\b|return code -9|without a heartbeat|did not emit heartbeat/i;
/** Airflow's own guess about every SIGKILL; it has not looked at any memory. */
const GUESS = /likely out of memory/i;

/** A signal says that something killed the process, and not why. */
const SIGNAL = /return code -9\b|Negsignal\.SIGKILL|signal=-9/i;

/** A process ended from outside, with nothing that says it was for memory. A run of its own shows: once is chance, twice is not. */
export function killedProcess(context: Context): Finding[] {
  if (outOfMemory(context).length > 0 || memoryIsNamed(context) || podsAreHidden(context)) return [];
  return [...executorFindings(context), ...taskFindings(context)].slice(0, 1);
}

/** An error text that speaks of memory itself, other than Airflow's guess. */
function memoryIsNamed(context: Context): boolean {
  return context.signals.some(
    ({ family, line }) => family === 'memory' && !GUESS.test(line.text) && !SIGNAL.test(line.text),
  );
}

/** Where the pods of the job could not be asked about, an exit code can not be told from an out-of-memory kill. */
function podsAreHidden(context: Context): boolean {
  return factsOf(context.file, 'spark_job_logs', 'unavailable').some(
    ({ fields }) => fields['system'] === 'kubernetes' && !/not connected/.test(fields['text'] ?? ''),
  );
}

function executorFindings(context: Context): Finding[] {
  const app = context.focus.task?.sparkApp;
  const executors = factsOf(context.file, 'spark_job_logs', 'executor').filter(({ fields }) =>
    KILLED.test(fields['removed'] ?? ''),
  );
  const [first] = executors;
  if (app === undefined || first === undefined) return [];
  const which = executors.length === 1 ? `Executor ${first.fields['id'] ?? ''}` : `${executors.length} executors`;
  return [
    finding(context, {
      place: entity('spark', app),
      claim: `${which} of ${app} ended from outside (${KILLED.exec(first.fields['removed'] ?? '')?.[0] ?? 'killed'}); nothing shows that it was for memory.`,
      quotes: [quoted(first, 'how the executor ended')],
    }),
  ];
}

function taskFindings(context: Context): Finding[] {
  const { dag, taskId } = context.focus;
  const line = context.signals.find(({ line: said }) => KILLED.test(said.text))?.line ?? guessLine(context);
  if (line === undefined || taskId === undefined || !context.statusKnown) return [];
  return [
    finding(context, {
      place: entity('airflow', `${dag}.${taskId}`),
      claim: `The process of ${dag}.${taskId} ended from outside; nothing shows that it was for memory.`,
      quotes: [quoted(line, 'how the task ended')],
    }),
  ];
}

function guessLine(context: Context): OutsideLine | undefined {
  return context.signals.find(({ line }) => GUESS.test(line.text))?.line;
}

function finding(
  context: Context,
  { place, claim, quotes }: { place: ReturnType<typeof entity>; claim: string; quotes: Quote[] },
): Finding {
  const tries = Number(instance(context)?.fields['try'] ?? 1);
  return {
    cause: { category: 'executor_failure', ...place, change: 'node_lost', claim },
    strength: 2,
    fallback: true,
    at: undefined,
    quotes,
    explains: KILLS,
    repair:
      tries > 1 && hasLasted(context)
        ? {
            escalate: `It ended like this in ${tries} tries, so a further one would too: somebody must find what kills it.`,
          }
        : [],
    notBeforeMinutes: tries > 1 ? 30 : 0,
  };
}

function instance(context: Context): Fact | undefined {
  const { run, taskId } = context.focus;
  return factsOf(context.file, 'airflow_dag_status', 'task').find(
    ({ fields }) => fields['run'] === run && fields['id'] === taskId,
  );
}
