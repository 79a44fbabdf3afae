import { type Fact, factsOf, outsideLines } from './case-file.js';
import { type Context, time } from './context.js';
import { entity, type Finding, quoted, symptom } from './procedure.js';
import type { Family } from './signals.js';

const LOST: readonly Family[] = ['lost_executor', 'memory', 'disk'];
/** How records say that a machine went: patterns of the procedure's file. */
export interface LossWords {
  pod_lost: RegExp;
  evicted: RegExp;
  node_event: RegExp;
  node_words: RegExp;
}

/** Was a machine or pod lost under an unchanged job? A fetch failure is only what follows from it. */
export function lostMachine(context: Context, words: LossWords): Finding[] {
  return outOfMemory(context).length > 0 ? [] : lostFindings(context, words);
}

/** Pods that the container runtime killed for memory: only these make 137 an out-of-memory kill. */
export function outOfMemory(context: Context): Fact[] {
  return factsOf(context.file, 'spark_job_logs', 'pod').filter((fact) =>
    /OOM/i.test(fact.fields['terminated_reason'] ?? ''),
  );
}

function lostFindings(context: Context, words: LossWords): Finding[] {
  const pods = factsOf(context.file, 'spark_job_logs', 'pod').filter(
    ({ fields }) => words.pod_lost.test(fields['reason'] ?? '') || words.evicted.test(fields['reason'] ?? ''),
  );
  const executors = factsOf(context.file, 'spark_job_logs', 'executor').filter(({ fields }) =>
    words.node_words.test(fields['removed'] ?? ''),
  );
  const events = factsOf(context.file, 'spark_job_logs', 'event').filter(({ fields }) =>
    words.node_event.test(fields['reason'] ?? ''),
  );
  const node = nodeOf(context, pods, executors, events);
  if (node === undefined) return [];
  const evicted = pods.some(({ fields }) => words.evicted.test(fields['reason'] ?? ''));
  const proof = [...pods.slice(0, 1), ...events.slice(0, 1), ...executors.slice(0, 1)];
  const naming = proof.filter((fact) => fact.line.includes(node));
  return [
    {
      cause: {
        category: 'executor_failure',
        ...entity('k8s', `node/${node}`),
        change: evicted ? 'pod_evicted' : 'node_lost',
        claim: evicted
          ? `Pods of the job were evicted from ${node} while it ran; nothing about the job had changed.`
          : `The node ${node} was lost while the job ran; nothing about the job had changed.`,
      },
      strength: 3,
      at: time(events[0]?.fields['at']),
      quotes: [
        ...(naming.length > 0 ? naming : proof).map((fact) => quoted(fact, 'what was lost')),
        ...symptom(context, LOST),
      ],
      explains: LOST,
      repair: [],
      // Room for the lost pods is made again by the cluster itself, which takes its minutes.
      notBeforeMinutes: evicted ? 30 : 15,
    },
  ];
}

/** The node's own name: where pods ran, else what the records or the logs name. */
function nodeOf(context: Context, pods: Fact[], executors: Fact[], events: Fact[]): string | undefined {
  const named = [
    ...executors.map((fact) => fact.fields['removed'] ?? ''),
    ...events.map((fact) => fact.fields['message'] ?? ''),
  ];
  const logs = outsideLines(context.file, ['spark_job_logs']).map((line) => line.text);
  const spoken = [...named, ...logs].flatMap(
    (text) => /\b[Nn]ode ([a-z0-9][a-z0-9.-]*\d[a-z0-9.-]*)/.exec(text)?.[1] ?? [],
  );
  return (
    pods.find((fact) => fact.fields['node'] !== undefined)?.fields['node'] ?? spoken[0] ?? executors[0]?.fields['host']
  );
}
