import { canonicalJson } from '../../domain/canonical.js';
import type { Answer } from '../answer.js';
import { isBacked, runsOn, unseen } from './backing.js';
import type { CaseFile, PastCall } from './case-file.js';
import { conclusion, type Outcome } from './conclude.js';
import { type Context, contextsOf } from './context.js';
import { isGuess } from './doubt.js';
import { isDrafted, isNeedless, markedRetry } from './drafts.js';
import type { Finding, Procedure, Question } from './procedure.js';
import { retries, safetyQuestion } from './retry.js';
import { namedBeside, subjectOf } from './subject.js';

/** Families of alerts about data: a green run does not settle them. */
const DATA: ReadonlySet<string> = new Set(['missing_data', 'data_check', 'late_rows', 'unknown_value', 'expired_data']);

/** What the playbook does next: ask, draft, or conclude. */
export type Move =
  | { kind: 'calls'; calls: (Question & { hypothesis: string; confidence: number })[] }
  | { kind: 'answer'; answer: Answer };

export interface Offered {
  procedures: readonly Procedure[];
  tools: ReadonlySet<string>;
  /** Tool calls that are left. */
  calls: number;
}

/** The next move, out of the case alone: the same case gives the same move, so that a restart goes on where it was. */
export function decide(file: CaseFile, offered: Offered): Move {
  const contexts = contextsOf(file);
  const drafts = file.calls.filter((call) => call.tool.startsWith('propose_'));
  if (drafts.length > 0) return afterDrafts(contexts, drafts, offered);
  const opening = openingQuestion(contexts[0]);
  const can = (question: Question | undefined): question is Question =>
    question !== undefined && offered.tools.has(question.tool) && !wasAsked(file, question);
  if (can(opening)) return ask(opening, 'Something failed; the log will say what.', 0.2);
  const beside = namedBeside(file).map(besideQuestion).find(can);
  if (beside !== undefined && contexts[0]?.focus.dag !== '') return ask(beside, 'Several failed together.', 0.3);
  const stranger = unknownPipeline(file);
  if (stranger !== undefined) return { kind: 'answer', answer: conclusion(contexts, offered.procedures, stranger) };
  const green = allClear(contexts);
  if (green !== undefined) return { kind: 'answer', answer: conclusion(contexts, offered.procedures, green) };
  const { procedures } = offered;
  const found = findings(contexts, procedures);
  if (offered.calls > reserve(contexts, found)) {
    const next = nextQuestion(contexts, procedures, can);
    if (next !== undefined) return next;
  }
  return draftOrConclude(contexts, found, offered);
}

function ask(question: Question, hypothesis: string, confidence: number): Move {
  return { kind: 'calls', calls: [{ ...question, hypothesis, confidence }] };
}

function wasAsked(file: CaseFile, question: Question): boolean {
  return file.calls.some((call) => call.tool === question.tool && same(call.args, question.args));
}

function same(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  const core = ({ since: _since, ...rest }: Record<string, unknown>): string => canonicalJson(rest);
  return core(a) === core(b);
}

/** Airflow first: does the alert still stand, and what did the task say? */
function openingQuestion(context: Context | undefined): Question | undefined {
  const { dag, run } = context?.focus ?? { dag: '', run: undefined };
  if (dag === '' || context?.statusKnown === true) return undefined;
  return {
    tool: 'airflow_dag_status',
    args: { dag_id: dag, ...(run === undefined ? {} : { run_id: run }) },
    thought: `${dag} failed. First the run and its log: what did the task say?`,
  };
}

/** Of a pipeline that the inventory does not hold nothing is known: not what it reads, nor how it writes. */
function unknownPipeline(file: CaseFile): Outcome | undefined {
  const { dag, stranger } = subjectOf(file);
  if (stranger === undefined && dag !== '') return undefined;
  return { kind: 'stranger', name: stranger };
}

/** The alert speaks of further pipelines: did they fail as well? */
function besideQuestion(dag: string): Question {
  return {
    tool: 'airflow_dag_status',
    args: { dag_id: dag },
    thought: `The alert names ${dag}, too. Did that fail for the same reason?`,
  };
}

/** The run has passed since: the alert needs nothing. An alert about data is not settled by a green run. */
function allClear(contexts: readonly Context[]): Outcome | undefined {
  const [context] = contexts;
  if (context === undefined || !context.statusKnown || context.focus.runState !== 'success') return undefined;
  if ((context.file.alert['dag'] ?? '') === '') return undefined;
  if (context.families.some((family) => DATA.has(family))) return undefined;
  return { kind: 'no_action' };
}

/** Calls that must stay for drafting: the steps that are known, a retry, and one more in case of a refusal. */
function reserve(contexts: readonly Context[], found: readonly Finding[]): number {
  const steps = found.reduce((sum, finding) => sum + (Array.isArray(finding.repair) ? finding.repair.length : 0), 0);
  return steps + contexts.filter(({ latent }) => !latent).length + 1;
}

function raised(context: Context, procedures: readonly Procedure[]): Procedure[] {
  if (context.latent) return procedures.filter(({ forWaitingTasks }) => forWaitingTasks);
  return procedures.filter(({ raisedBy }) =>
    raisedBy.some((name) => (name === 'any' ? context.families.length === 0 : context.families.includes(name))),
  );
}

function nextQuestion(
  contexts: readonly Context[],
  known: readonly Procedure[],
  can: (question: Question | undefined) => question is Question,
): Move | undefined {
  for (const context of contexts) {
    const procedures = raised(context, known);
    for (const procedure of procedures) {
      const found = procedures.flatMap((each) => each.find(context));
      const question = procedure.ask(context, found).find(can);
      if (question !== undefined) return ask(question, procedure.hypothesis(context), found.length > 0 ? 0.8 : 0.5);
    }
  }
  const value = findings(contexts, known)
    .map(({ repair }) => (Array.isArray(repair) ? undefined : repair.ask))
    .find(can);
  if (value !== undefined) return ask(value, 'The cause is known; how much its repair takes is not yet.', 0.8);
  const steps = findings(contexts, known).flatMap(({ repair }) => (Array.isArray(repair) ? repair : []));
  const bare = unseen(steps, contexts[0]?.file as CaseFile).find(can);
  if (bare !== undefined) return ask(bare, 'The cause is known; what is to be changed has to be seen first.', 0.8);
  const willRetry = findings(contexts, known).some((finding) => Array.isArray(finding.repair));
  const safety = willRetry ? contexts.map(safetyQuestion).find(can) : undefined;
  return safety === undefined
    ? undefined
    : ask(safety, 'The cause is known; the retry must not double what is written.', 0.8);
}

/** What the records confirm, one finding for each independent error, by the tie-breaks. */
function findings(contexts: readonly Context[], procedures: readonly Procedure[]): Finding[] {
  const chosen = contexts.flatMap((context) =>
    settled(
      raised(context, procedures).flatMap((procedure) => procedure.find(context)),
      context,
    ),
  );
  const seen = new Set<string>();
  return chosen.filter(({ cause }) => !seen.has(cause.entity) && seen.add(cause.entity));
}

/** Of findings that explain the same error: ours before theirs (tie-break 2), then the earliest change (tie-break 1). */
function settled(found: readonly Finding[], context: Context): Finding[] {
  const telling = found.filter(
    (finding) => finding.explains.some((family) => context.families.includes(family)) || context.families.length === 0,
  );
  const proper = telling.filter(({ fallback }) => fallback === undefined);
  const ordered = [...(proper.length > 0 ? proper : telling)].sort(
    (a, b) => rank(a) - rank(b) || (a.at ?? Infinity) - (b.at ?? Infinity),
  );
  return ordered.filter(
    (finding, index) =>
      !ordered.slice(0, index).some((better) => better.explains.some((family) => finding.explains.includes(family))),
  );
}

function rank(finding: Finding): number {
  if (finding.cause.change === 'credential_compromise') return -1;
  return (finding.cause.category === 'config_regression' ? 0 : 1) + (3 - finding.strength) * 2;
}

function draftOrConclude(contexts: readonly Context[], found: readonly Finding[], offered: Offered): Move {
  const handOver = found.flatMap((finding) => (Array.isArray(finding.repair) ? [] : [finding.repair.escalate]))[0];
  if (found.length === 0)
    return { kind: 'answer', answer: conclusion(contexts, offered.procedures, { kind: 'unknown' }) };
  const guess = found.find((finding) => isGuess(finding, contexts));
  if (handOver === undefined && guess !== undefined) {
    const reason = 'This is what is left over, not what a record shows: too little to change anything by.';
    return { kind: 'answer', answer: conclusion(contexts, offered.procedures, { kind: 'escalate', found, reason }) };
  }
  if (handOver !== undefined) {
    return {
      kind: 'answer',
      answer: conclusion(contexts, offered.procedures, { kind: 'escalate', found, reason: handOver }),
    };
  }
  const steps = [
    ...found.flatMap((finding) => (Array.isArray(finding.repair) ? finding.repair : [])),
    ...retries(contexts, found, []),
  ];
  const still = contexts.map(runsOn).find((reason) => reason !== undefined);
  const bare = steps.find((step) => !isBacked(step, contexts[0]?.file as CaseFile));
  if (still !== undefined || bare !== undefined) {
    const reason =
      still === undefined
        ? `Nothing that was seen shows ${String(bare?.args['target'] ?? bare?.args['table'] ?? bare?.args['run_id'])} as it is now, so it is not mine to change.`
        : `${still}: a second one beside it would do its work twice.`;
    return { kind: 'answer', answer: conclusion(contexts, offered.procedures, { kind: 'escalate', found, reason }) };
  }
  if (steps.length > offered.calls || steps.some((step) => !offered.tools.has(step.tool))) {
    const reason = 'The cause is known, but no calls are left to draft its repair.';
    return { kind: 'answer', answer: conclusion(contexts, offered.procedures, { kind: 'escalate', found, reason }) };
  }
  const hypothesis = found
    .map((finding) => finding.cause.claim)
    .join(' ')
    .slice(0, 290);
  return { kind: 'calls', calls: steps.map((step) => ({ ...step, hypothesis, confidence: 0.92 })) };
}

/** Drafts are answered: conclude with those that stand, or draft a refused retry once more with the work marked as done. */
function afterDrafts(contexts: readonly Context[], drafts: readonly PastCall[], offered: Offered): Move {
  const found = findings(contexts, offered.procedures);
  const refused = drafts.filter((draft) => !isDrafted(draft));
  const wanted = drafts.filter(isDrafted).map((draft) => draft.id);
  const retry = refused.find((draft) => draft.tool === 'propose_dag_retry' && !isNeedless(draft, contexts));
  const again = retry === undefined ? undefined : markedRetry(contexts, found, retry);
  const once =
    refused.filter((draft) => !isNeedless(draft, contexts)).length === 1 &&
    offered.calls > 0 &&
    offered.tools.has('propose_dag_retry');
  if (
    again !== undefined &&
    once &&
    !drafts.some((draft) => draft.tool === again.tool && same(draft.args, again.args))
  ) {
    return ask(
      again,
      found
        .map((finding) => finding.cause.claim)
        .join(' ')
        .slice(0, 290) || 'The work was done.',
      0.9,
    );
  }
  const redone = retry !== undefined && drafts.some((draft) => draft.tool === 'propose_dag_retry' && isDrafted(draft));
  const broken = refused.filter((draft) => !(redone && draft === retry) && !isNeedless(draft, contexts));
  if (broken.length > 0 || wanted.length === 0) {
    const reason = `The cause is known, but a step could not be drafted: ${broken.map((draft) => draft.tool).join(', ')}.`;
    return { kind: 'answer', answer: conclusion(contexts, offered.procedures, { kind: 'escalate', found, reason }) };
  }
  return { kind: 'answer', answer: conclusion(contexts, offered.procedures, { kind: 'repair', found, plan: wanted }) };
}
