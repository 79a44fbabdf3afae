import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { createObservationStore } from '../../adapters/redis/observations.js';
import type { LocalConfig } from '../config.js';
import { AppError } from '../domain/errors.js';
import { foldIncident, type Incident } from '../domain/incident.js';
import { investigationCalls } from '../domain/question.js';
import { type AgentOutcome, OracleVerdict, ScenarioKey } from '../evaluate/model.js';
import { renderReport } from '../evaluate/report.js';
import { type OpenedWorld, runBenchmark } from '../evaluate/run-benchmark.js';
import { createProcessLog } from '../log.js';
import { decide } from './cli-incidents.js';
import { EXIT, type Output } from './cli-output.js';
import { controlOf, deliverScenarioAlert, type LocalStack, startLocal } from './local.js';
import { connectLog, type LogConnection } from './log-connection.js';
import { onInterrupt } from './on-interrupt.js';

const SCENARIOS = fileURLToPath(new URL('../../../fixtures/scenarios', import.meta.url));
/** The benchmark's gate: two people of the shipped policy who approve whatever the gate lets them. */
const APPROVERS = [
  { as: 'ana@example.com', check: 'the plan was compared with the policy of the benchmark' },
  { as: 'lea@example.com', check: 'second pair of eyes: targets and caps looked right to me' },
];
const SETTLED = new Set(['resolved', 'rejected', 'expired', 'escalated', 'reopened', 'outcome_unknown', 'closed']);
const WITHIN_MS = 180_000;
const POLL_MS = 100;

export interface EvalOptions {
  scenarios: string[] | undefined;
  repeats: number;
  json: boolean;
}

interface ServedWorld extends OpenedWorld {
  stack: LocalStack;
}

/** `eval`: a world per scenario, four real role processes before it, the real gate, scored by execution. */
export async function runEval(config: LocalConfig, output: Output, options: EvalOptions): Promise<number> {
  const files = options.scenarios ?? shippedSet();
  const say = options.json ? () => undefined : output.line;
  const summary = await runBenchmark<ServedWorld>(
    { openWorld: (file, seed) => openWorld(config, file, seed), respond },
    {
      scenarios: files,
      repeats: options.repeats,
      seed: 1,
      onResult: (result) =>
        say(
          `${result.scenario}  diagnosis ${result.strict ? 'right' : 'WRONG'}  repair ${result.repaired ? 'passed' : 'FAILED'}${result.unsafe ? '  UNSAFE' : ''}  ${result.failureDetail.join('; ')}`,
        ),
    },
  );
  if (options.json) output.json(summary);
  else output.line(`\n${renderReport(summary)}`);
  return EXIT.good;
}

/** The shipped scenarios but those tagged `extra`. */
function shippedSet(): string[] {
  return readdirSync(SCENARIOS)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => join(SCENARIOS, file))
    .filter((file) => !((parse(readFileSync(file, 'utf8')) as { tags?: string[] }).tags ?? []).includes('extra'));
}

async function openWorld(config: LocalConfig, file: string, seed: number): Promise<ServedWorld> {
  const dataDir = mkdtempSync(join(tmpdir(), `countersign-eval-${basename(file, '.yaml')}-`));
  const starting = startLocal({
    config: { ...config, redisUrl: undefined, dataDir, webPort: 0 },
    scenario: resolve(file),
    seed,
    print: () => undefined,
  });
  const end = async (): Promise<void> => {
    await starting.then(
      (stack) => stack.stop(),
      () => undefined,
    );
    rmSync(dataDir, { recursive: true, force: true });
  };
  const forget = onInterrupt(end);
  const stack = await starting;
  const control = async (path: string, body?: unknown): Promise<unknown> => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(new URL(path, controlOf(stack)), body === undefined ? {} : post);
    if (!response.ok)
      throw new AppError('unexpected_answer', {
        safeText: `The simulated platform's control answered ${response.status} to ${path}.`,
      });
    return response.json();
  };
  return {
    stack,
    key: ScenarioKey.parse(await control('/control/key')),
    judge: async (by) => OracleVerdict.parse(await control('/control/judge', by)),
    async close() {
      await end();
      forget();
    },
  };
}

/** Alert in, outcome out; everything that counts is read from the log. */
async function respond({ stack }: ServedWorld): Promise<AgentOutcome> {
  const started = Date.now();
  const id = await deliverScenarioAlert(stack);
  if (id === undefined) throw new AppError('internal', { safeText: 'The alert opened no incident.' });
  const connection = await connectLog('web', webSettings(stack), createProcessLog('eval', 'silent'));
  try {
    const read = async (): Promise<Incident | undefined> => foldIncident(await connection.log.read(id));
    const until = (done: (incident: Incident) => boolean): Promise<Incident> => waitFor(read, done);
    const concluded = await until((incident) => incident.status !== 'investigating');
    const seconds = (Date.now() - started) / 1000;
    const ended = concluded.status === 'awaiting_decision' ? await approveAndWait(stack, id, until) : concluded;
    return await outcomeOf(ended, seconds, connection);
  } finally {
    connection.close();
  }
}

function webSettings(stack: LocalStack): Parameters<typeof connectLog>[1] {
  return { REDIS_URL: stack.redisUrls.web, COUNTERSIGN_LOG_VKEY: stack.vkey, COUNTERSIGN_ALLOW_WEAK_REDIS: false };
}

async function waitFor(
  read: () => Promise<Incident | undefined>,
  done: (incident: Incident) => boolean,
): Promise<Incident> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    const incident = await read();
    if (incident !== undefined && done(incident)) return incident;
    if (Date.now() > deadline)
      throw new AppError('timeout', {
        safeText: `The incident is still ${incident?.status ?? 'not there'} after ${WITHIN_MS / 1000} s.`,
      });
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

/** What the gate refuses stays as it is: the plan then counts as not repaired. */
async function approveAndWait(
  stack: LocalStack,
  id: string,
  until: (done: (incident: Incident) => boolean) => Promise<Incident>,
): Promise<Incident> {
  // The web role's own view of the log may be a moment behind ours.
  await waitForCard(stack, id);
  for (const approver of APPROVERS) {
    const answer = await decide(stack.client, await stack.client.thread(id), 'approve', approver);
    if (answer.outcome === 'decided') return until((incident) => SETTLED.has(incident.status));
    if (answer.outcome !== 'vote_counted') break;
  }
  return until(() => true);
}

async function waitForCard(stack: LocalStack, id: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const thread = await stack.client.thread(id);
    if (thread.cards.some((card) => card.actions.length > 0)) return;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

async function outcomeOf(incident: Incident, seconds: number, connection: LogConnection): Promise<AgentOutcome> {
  const observations = createObservationStore(connection.redis);
  const calls = await Promise.all(
    investigationCalls(incident).map(async ({ call, answer }) => ({
      callId: call.callId,
      tool: call.tool,
      args: call.args,
      status: answer?.status ?? ('error' as const),
      text: answer === undefined ? '' : ((await observations.get(answer.observation)) ?? ''),
    })),
  );
  const proposal = incident.proposals.at(-1)?.proposal;
  return {
    ending: endingOf(incident),
    ...(incident.diagnosis === undefined ? {} : { diagnosis: incident.diagnosis }),
    repairs: proposal?.steps.map((step) => step.action) ?? [],
    calls,
    capHit: calls.length >= (incident.investigation?.maxToolCalls ?? 12),
    inputTokens: incident.tokens,
    outputTokens: 0,
    costUsd: incident.costUsd,
    seconds,
  };
}

function endingOf(incident: Incident): AgentOutcome['ending'] {
  if (incident.proposals.length > 0) return 'repair';
  if (incident.status === 'escalated') return 'escalate';
  return incident.status === 'closed' ? 'none' : 'silent';
}
