import type { Answer } from '../answer.js';
import { factsOf } from './case-file.js';
import type { Context } from './context.js';
import { renamePatch } from './patch.js';
import { type Finding, type Procedure, quoted } from './procedure.js';

/** How a case ends. */
export type Outcome =
  | { kind: 'repair'; found: readonly Finding[]; plan: string[] }
  | { kind: 'escalate'; found: readonly Finding[]; reason: string }
  | { kind: 'no_action' }
  /** The alert is about a pipeline that the inventory does not hold, or about none that can be told. */
  | { kind: 'stranger'; name: string | undefined }
  | { kind: 'unknown' };

/** How sure it is, by how the weakest cause was confirmed: by elimination, by its kind, or by a record that names what the error names. */
const CONFIDENCE = { 1: 0.45, 2: 0.75, 3: 0.93 } as const;

/** The answer of a case, in the terms that a model would give it. */
export function conclusion(contexts: readonly Context[], procedures: readonly Procedure[], outcome: Outcome): Answer {
  if (outcome.kind === 'no_action') return allClear(contexts);
  if (outcome.kind === 'stranger') return unlisted(contexts, outcome.name);
  if (outcome.kind === 'unknown') return unknown(contexts, procedures);
  const { found } = outcome;
  const claims = found.map((finding) => finding.cause.claim);
  const patch = renamePatch(contexts);
  const shared = {
    causes: found.map((finding) => ({ ...finding.cause, evidence: evidenceOf(contexts, finding) })),
    confidence: CONFIDENCE[Math.min(...found.map(({ strength }) => strength)) as 1 | 2 | 3],
    evidence: [],
    ruled_out: ruledOut(contexts, procedures),
    ...(patch === undefined ? {} : { patch }),
  };
  if (outcome.kind === 'escalate') {
    return {
      ...shared,
      outcome: 'escalate',
      summary: [...claims, outcome.reason, ...doubts(found, contexts)].join(' '),
      plan: [],
      reason: outcome.reason,
    };
  }
  const summary = [...claims, ...secondThoughts(contexts, procedures, found), ...doubts(found, contexts)].join(' ');
  return { ...shared, outcome: 'repair', summary, plan: outcome.plan, reason: '' };
}

/** What stays open: what the procedures can not tell, and the tools that gave no answer. */
function doubts(found: readonly Finding[], contexts: readonly Context[]): string[] {
  const silent = (contexts[0]?.file.calls ?? []).filter(
    ({ tool, status }) => status === 'error' && !tool.startsWith('propose_'),
  );
  const tools = [...new Set(silent.map(({ tool }) => tool))];
  return [
    ...new Set(found.flatMap(({ unsure }) => unsure ?? [])),
    ...(found.some(({ strength }) => strength < 3) ? ['The cause is told by its kind; no record names it.'] : []),
    ...(tools.length === 0 ? [] : [`Not seen, because it gave no answer: ${tools.join(', ')}.`]),
  ];
}

/** What confirms a cause; where none of it names the entity, the first line of an answer that does comes first. */
function evidenceOf(contexts: readonly Context[], { cause, quotes }: Finding): Finding['quotes'] {
  const [file] = contexts.map((context) => context.file);
  const path = cause.entity.slice(cause.entity.indexOf(':') + 1).replace(/^(?:config|node|pool|quota|user)\//, '');
  const calls = (file?.calls ?? []).filter(({ status }) => status === 'ok');
  const names = (text: string): boolean => text.includes(path) || text.includes(path.split('.').at(-1) ?? path);
  if (quotes.some(({ call }) => calls.some(({ id, text }) => id === call && text.includes(path))))
    return quotes.slice(0, 4);
  const naming = calls.find(({ text }) => text.includes(path)) ?? calls.find(({ text }) => names(text));
  const line = naming?.text.split('\n').find((each) => each.includes(path)) ?? naming?.text.split('\n').find(names);
  if (naming === undefined || line === undefined) return quotes.slice(0, 4);
  return [...quotes.slice(0, 3), { call: naming.id, quote: line.slice(0, 900), supports: 'what it is about' }];
}

function secondThoughts(
  contexts: readonly Context[],
  procedures: readonly Procedure[],
  found: readonly Finding[],
): string[] {
  const noted = ruledOut(contexts, procedures)[0]?.why;
  const repaired = found.some((finding) => Array.isArray(finding.repair) && finding.repair.length > 0);
  const last = repaired
    ? 'The plan repairs that first and then runs the failed tasks again.'
    : found.some((finding) => (finding.notBeforeMinutes ?? 0) > 0)
      ? 'Running the failed tasks again is enough, once that is over.'
      : 'Running the failed tasks again is enough.';
  return noted === undefined ? [last] : [noted, last];
}

function ruledOut(contexts: readonly Context[], procedures: readonly Procedure[]): Answer['ruled_out'] {
  const seen = new Set<string>();
  const confirmed = new Set(
    procedures
      .filter((procedure) => contexts.some((context) => procedure.find(context).length > 0))
      .map(({ id }) => id),
  );
  return contexts
    .filter((context) => !context.latent)
    .flatMap((context) =>
      procedures
        .filter(({ raisedBy }) => raisedBy.some((name) => context.families.includes(name)))
        .filter(({ id }) => !confirmed.has(id))
        .flatMap((procedure) => {
          const why = procedure.ruledOut(context);
          return why === undefined ? [] : [{ hypothesis: procedure.hypothesis(context), why }];
        }),
    )
    .filter(({ hypothesis }) => !seen.has(hypothesis) && seen.add(hypothesis));
}

function allClear(contexts: readonly Context[]): Answer {
  const [context] = contexts;
  const { dag, run } = context?.focus ?? { dag: '', run: undefined };
  const file = context?.file;
  const proof =
    file === undefined ? [] : factsOf(file, 'airflow_dag_status', 'run').filter((fact) => fact.fields['id'] === run);
  const reason = `${dag} has passed since the alert: run ${run ?? ''} is a success.`;
  return {
    outcome: 'no_action',
    causes: [],
    summary: `${reason} Nothing needs to be repaired.`,
    confidence: 0.9,
    evidence: proof.slice(0, 1).map((fact) => quoted(fact, 'the run has passed')),
    ruled_out: [],
    plan: [],
    reason,
  };
}

/** Nothing is proposed about what is not known, and least of all the repair of something else. */
function unlisted(contexts: readonly Context[], name: string | undefined): Answer {
  const reason =
    name === undefined
      ? 'I can not tell which pipeline this alert is about: nothing that it names is in the inventory.'
      : `I do not know the pipeline ${name}: it is not in the inventory, so I can not tell what it reads, how it writes and who depends on it.`;
  const signal = contexts[0]?.signals[0];
  return {
    outcome: 'inconclusive',
    causes: [],
    summary: `${reason} A person must take over.`,
    confidence: 0.2,
    evidence: signal === undefined ? [] : [quoted(signal.line, 'the error as it was logged')],
    ruled_out: [],
    plan: [],
    reason,
  };
}

/** The honest end: what was looked at, and that it fits nothing known. */
function unknown(contexts: readonly Context[], procedures: readonly Procedure[]): Answer {
  const [context] = contexts;
  const file = context?.file;
  const errors = (file?.calls ?? []).filter((call) => call.status === 'error').map((call) => call.tool);
  const looked = [...new Set((file?.calls ?? []).filter((call) => call.status === 'ok').map((call) => call.tool))];
  const parts = [
    looked.length === 0
      ? 'No tool gave an answer.'
      : `I looked at ${looked.join(', ')} and what I saw fits no known cause well enough.`,
    ...(errors.length > 0 ? [`Without an answer: ${[...new Set(errors)].join(', ')}.`] : []),
  ];
  const signal = context?.signals[0];
  return {
    outcome: 'inconclusive',
    causes: [],
    summary: [...parts, 'A person should look; the trace holds what was found.'].join(' '),
    confidence: 0.2,
    evidence: signal === undefined ? [] : [quoted(signal.line, 'the error as it was logged')],
    ruled_out: ruledOut(contexts, procedures),
    plan: [],
    reason: parts.join(' '),
  };
}
