import { createOpenAiReasoner } from '../../adapters/models/openai.js';
import { readPrices } from '../../adapters/models/prices.js';
import type { LocalConfig } from '../config.js';
import { Component } from '../domain/diagnosis.js';
import { AppError, asAppError } from '../domain/errors.js';
import type { Incident } from '../domain/incident.js';
import type { SubmittedAnswer } from '../evaluate/answer.js';
import { type AnswerCost, answerOutcome, answerThread } from '../evaluate/answer-outcome.js';
import type { AgentOutcome, OracleVerdict, ToolCallRecord } from '../evaluate/model.js';
import type { CaseTrace } from '../evaluate/open-case.js';
import type { OpenedWorld, Response } from '../evaluate/run-benchmark.js';
import { unloggedIncident } from '../intake/intake.js';
import { type AtOnceAnswer, answerAtOnce } from '../investigate/baseline/answer-at-once.js';
import { naturalQuestions } from '../investigate/baseline/natural-questions.js';
import type { Reasoner } from '../investigate/reasoner.js';
import { createProcessLog } from '../log.js';
import type { BaselineName } from './baseline-name.js';
import { fileOfKept } from './cli-eval-options.js';
import { type CaseWorld, openCaseWorld } from './eval-case.js';
import { systemTime } from './system-time.js';

/** A world in which a baseline answers: no role processes, no gate, the plan judged by replay. */
export type BaselineWorld = OpenedWorld & { world: CaseWorld };

/** Ports of `runBenchmark` for one baseline. */
export interface BaselinePorts {
  openWorld(file: string, seed: number): Promise<BaselineWorld>;
  respond(opened: BaselineWorld): Promise<Response>;
  /** Ends all worlds that are open. */
  endAll(): Promise<void>;
}

/** Opens scenarios as another agent's are opened, and answers with one turn of the model that the settings name. */
export function createBaseline(
  config: LocalConfig,
  name: BaselineName,
  settings: NodeJS.ProcessEnv,
  signal: AbortSignal,
): BaselinePorts {
  const reasoner = createOpenAiReasoner({
    baseUrl: settings['OPENAI_BASE_URL'],
    apiKey: settings['OPENAI_API_KEY'] ?? '',
    model: settings['OPENAI_MODEL'] ?? '',
    prices: readPrices(settings['COUNTERSIGN_PRICES']),
  });
  const open = new Set<CaseWorld>();
  const end = async (world: CaseWorld): Promise<void> => {
    open.delete(world);
    await world.close();
  };
  return {
    async openWorld(file, seed) {
      const world = await openCaseWorld({ ...config, policyFile: undefined }, fileOfKept(file), seed);
      open.add(world);
      return { world, key: world.key, judge: (by) => judge(world, by), close: () => end(world) };
    },
    respond: ({ world }) => respond(world, name, reasoner, signal),
    async endAll() {
      await Promise.allSettled([...open].map(end));
    },
  };
}

function judge(world: CaseWorld, by: Parameters<OpenedWorld['judge']>[0]): Promise<OracleVerdict> {
  if (by.ending === 'repair') return world.replay([...by.repairs]);
  if (by.ending === 'none') return world.replay([{ do: 'none', reason: '' }]);
  return world.replay(by.ending === 'silent' ? [] : [{ do: 'escalate', team: '', reason: '' }]);
}

async function respond(
  world: CaseWorld,
  name: BaselineName,
  reasoner: Reasoner,
  signal: AbortSignal,
): Promise<Response> {
  const { alert, inventory, policy, redactor, digest, seed } = world;
  const started = Date.now();
  const incident = unloggedIncident(alert, inventory, redactor);
  if (incident === undefined) throw new AppError('internal', { safeText: 'The alert opened no incident.' });
  const calls = name === 'alert_only' ? [] : await askAll(world, incident, signal);
  const cap = calls.length;
  const outcome = await answerAtOnce(
    {
      ...{ reasoner, incident, inventory, policy, calls },
      ...{ clock: systemTime.clock, processLog: createProcessLog('eval', 'silent') },
    },
    signal,
  ).then(
    async ({ answer, usage }): Promise<AgentOutcome> => {
      const seconds = (Date.now() - started) / 1000;
      const trace: CaseTrace = { format: 1, scenario: digest, seed, cap, capHit: false, seconds, calls };
      return outcomeOf(world, answer, trace, usage ?? NOTHING);
    },
    (thrown: unknown): AgentOutcome => ({
      ...{ ending: 'silent', repairs: [], calls, capHit: false, ...NOTHING, seconds: (Date.now() - started) / 1000 },
      infraError: asAppError(thrown).safeText,
    }),
  );
  return { outcome, thread: answerThread(alert.title, outcome) };
}

const NOTHING: AnswerCost = { inputTokens: 0, outputTokens: 0, costUsd: 0 };

async function askAll(world: CaseWorld, incident: Incident, signal: AbortSignal): Promise<ToolCallRecord[]> {
  return Promise.all(
    naturalQuestions(incident, world.inventory).map(async ({ tool, args }, index): Promise<ToolCallRecord> => {
      const { status, text } = await world.catalog.call(tool, args, signal);
      return { callId: `call_${index + 1}`, tool, args, status, text };
    }),
  );
}

/** A plan that the gate would not let through is no plan: it is handed over, as the investigation hands over what it can not draft. */
async function outcomeOf(
  world: CaseWorld,
  said: AtOnceAnswer,
  trace: CaseTrace,
  { inputTokens, outputTokens, costUsd }: AnswerCost,
): Promise<AgentOutcome> {
  const read = said.outcome === 'repair' && said.plan.length > 0 ? await world.readPlan(said.plan) : undefined;
  const plan: SubmittedAnswer['plan'] =
    read !== undefined && 'plan' in read
      ? read.plan
      : [
          said.outcome === 'no_action'
            ? { do: 'none', reason: said.reason.slice(0, 1000) }
            : { do: 'escalate', team: world.alert.subject.service ?? 'oncall', reason: said.reason.slice(0, 1000) },
        ];
  return answerOutcome(submitted(said, plan), trace, { inputTokens, outputTokens, costUsd });
}

function submitted(said: AtOnceAnswer, plan: SubmittedAnswer['plan']): SubmittedAnswer {
  const quotes = [...said.causes.flatMap(({ evidence }) => evidence), ...said.evidence];
  return {
    causes: said.causes.slice(0, 5).flatMap(causeOf),
    evidence: quotes.map(({ call, quote, supports }) => ({
      call,
      quote: quote.slice(0, 1000),
      supports: supports.slice(0, 300),
    })),
    evidence_ids: [],
    flags: [],
    plan,
    report: said.summary.slice(0, 2000),
    confidence: said.confidence,
  };
}

/** As the investigation reads a cause: the prefix of the entity names the component. */
function causeOf({ category, change, entity, claim }: AtOnceAnswer['causes'][number]): SubmittedAnswer['causes'] {
  const component = Component.safeParse(entity.split(':', 1)[0]);
  if (category === 'none' || change === 'none' || !component.success || entity.length > 300) return [];
  return [{ category, change, component: component.data, entity, claim: claim.slice(0, 600) }];
}
