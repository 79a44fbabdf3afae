import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline/promises';
import { createTerminalThread } from '../../adapters/terminal/thread.js';
import type { LocalConfig } from '../config.js';
import type { IncidentSummary } from '../domain/card.js';
import type { ClickAnswer, Verdict } from '../domain/decision.js';
import { AppError } from '../domain/errors.js';
import { type DecideOptions, decide } from './cli-incidents.js';
import { verifyRunningLog } from './cli-log.js';
import { EXIT, type Output } from './cli-output.js';
import { deliverScenarioAlert, type LocalStack, startLocal } from './local.js';
import { onInterrupt } from './on-interrupt.js';

export interface DemoOptions {
  decide?: Verdict;
  as?: string;
  check?: string;
  reason?: string;
  scenario?: string;
  color: boolean;
}

const POLL_MS = 150;
const SETTLED = new Set(['resolved', 'rejected', 'expired', 'escalated', 'reopened', 'outcome_unknown', 'closed']);
const UNATTENDED_WITHIN_MS = 180_000;

/** One incident in the terminal, in a fresh world that is thrown away: the thread as it grows, a decision, the end, the log verified. */
export async function playDemo(config: LocalConfig, output: Output, options: DemoOptions): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-demo-'));
  output.line('Starting Redis, the simulated data platform and the four roles…');
  const starting = startLocal({
    // A story that is thrown away must never be written into somebody's Redis.
    config: { ...config, redisUrl: undefined, dataDir, webPort: 0 },
    ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
    print: output.line,
  });
  const end = async (): Promise<void> => {
    await starting.then(
      (stack) => stack.stop(),
      () => undefined,
    );
    rmSync(dataDir, { recursive: true, force: true });
  };
  const forget = onInterrupt(end);
  try {
    const stack = await starting;
    const incident = await deliverScenarioAlert(stack);
    if (incident === undefined) throw new AppError('internal', { safeText: 'The sample alert opened no incident.' });
    return await play(stack, output, incident, options);
  } finally {
    await end();
    forget();
  }
}

async function play(stack: LocalStack, output: Output, incident: string, options: DemoOptions): Promise<number> {
  const terminal = createTerminalThread({ out: process.stdout, color: options.color });
  const follow = (until: (summary: IncidentSummary) => boolean): Promise<IncidentSummary> =>
    followThread(stack, terminal, incident, until);
  let summary = await follow((one) => one.status === 'awaiting_decision' || SETTLED.has(one.status));
  while (summary.status === 'awaiting_decision') {
    const answer = await (options.decide === undefined
      ? askPerson(stack, incident)
      : decideUnattended(stack, incident, options));
    output.line(`\n» ${answer.text}\n`);
    if (answer.outcome === 'decided') summary = await follow((one) => SETTLED.has(one.status));
    else if (options.decide !== undefined) return EXIT.failure;
  }
  const verified = await verifyRunningLog(stack, output, false);
  const wanted = options.decide === 'reject' ? 'rejected' : 'resolved';
  output.line(`${incident} is ${summary.status}.`);
  return verified === EXIT.good && (options.decide === undefined || summary.status === wanted)
    ? EXIT.good
    : EXIT.failure;
}

async function followThread(
  stack: LocalStack,
  terminal: ReturnType<typeof createTerminalThread>,
  incident: string,
  until: (summary: IncidentSummary) => boolean,
): Promise<IncidentSummary> {
  const deadline = Date.now() + UNATTENDED_WITHIN_MS;
  for (;;) {
    await terminal.show(await stack.client.thread(incident));
    const summary = (await stack.client.list()).find((one) => one.incident === incident);
    if (summary !== undefined && until(summary)) {
      await terminal.show(await stack.client.thread(incident));
      return summary;
    }
    if (Date.now() > deadline)
      throw new AppError('timeout', {
        safeText: `${incident} is still ${summary?.status ?? 'unknown'} after ${UNATTENDED_WITHIN_MS / 1000} s.`,
      });
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function decideUnattended(stack: LocalStack, incident: string, options: DemoOptions): Promise<ClickAnswer> {
  if (options.as === undefined)
    throw new AppError('invalid_input', { field: '--as', safeText: '--decide needs --as NAME: who decides?' });
  const click: DecideOptions = {
    as: options.as,
    check: options.check ?? '',
    reason: options.reason ?? options.check ?? 'rejected in an unattended demo',
  };
  return decide(stack.client, await stack.client.thread(incident), options.decide ?? 'reject', click);
}

async function askPerson(stack: LocalStack, incident: string): Promise<ClickAnswer> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // At a terminal readline keeps Ctrl-C for itself.
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await Promise.race([answerAtPrompt(stack, incident, terminal), endOfInput(terminal)]);
  } finally {
    terminal.close();
  }
}

/** The input may end at any prompt (no terminal, Ctrl-D): then nobody decided. */
function endOfInput(terminal: Interface): Promise<never> {
  return new Promise((_, reject) => {
    terminal.once('close', () =>
      reject(
        new AppError('invalid_input', {
          safeText: 'Nobody decided: the input ended. For unattended use: --decide approve --as NAME --check TEXT',
        }),
      ),
    );
  });
}

async function answerAtPrompt(stack: LocalStack, incident: string, terminal: Interface): Promise<ClickAnswer> {
  let verdict: Verdict | undefined;
  // Enter alone, or a slip of the finger, decides nothing.
  while (verdict === undefined) verdict = verdictOf(await terminal.question('approve / modify / reject? '));
  const as = await terminal.question('Who are you (e-mail)? ');
  const click: DecideOptions = { as };
  if (verdict === 'approve') click.check = await terminal.question('What did you check yourself? ');
  if (verdict === 'reject') click.reason = await terminal.question('Why not? ');
  if (verdict === 'modify') click.set = await askFields(stack, incident, (text) => terminal.question(text));
  return await decide(stack.client, await stack.client.thread(incident), verdict, click);
}

function verdictOf(answer: string): Verdict | undefined {
  const word = answer.trim().toLowerCase();
  return (['approve', 'modify', 'reject'] as const).find((known) => word !== '' && known.startsWith(word));
}

async function askFields(
  stack: LocalStack,
  incident: string,
  ask: (text: string) => Promise<string>,
): Promise<string[]> {
  const thread = await stack.client.thread(incident);
  const form = thread.cards.flatMap((card) => card.actions).find((action) => action.verdict === 'modify')?.form;
  const set: string[] = [];
  for (const field of form?.fields ?? []) {
    const value = await ask(`${field.label} [${field.value}]: `);
    if (value.trim() !== '') set.push(`${field.name}=${value.trim()}`);
  }
  return set;
}
