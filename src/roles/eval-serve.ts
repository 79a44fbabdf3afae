import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { LocalConfig } from '../config.js';
import { AppError } from '../domain/errors.js';
import { answerSchema, type SubmittedAnswer } from '../evaluate/answer.js';
import { caseBrief, caseInstructions } from '../evaluate/case-brief.js';
import { type CaseTrace, createOpenCase, type OpenCase } from '../evaluate/open-case.js';
import { versionOf } from './cli-eval-plan.js';
import { EXIT, type Output } from './cli-output.js';
import { type CaseWorld, openCaseWorld } from './eval-case.js';
import { type PlannedCase, planCase } from './eval-case-folder.js';
import { scoreCase } from './eval-score.js';
import { onInterrupt } from './on-interrupt.js';
import { systemTime } from './system-time.js';

export interface ServeOptions extends PlannedCase {
  /** Port of Streamable HTTP; unset: standard input and output of this process. */
  port?: number;
  /** Ask every HTTP request for a token that is drawn now. */
  token: boolean;
  /** Wall clock after which the case is closed. */
  minutes: number;
  alertOut?: string;
  traceOut?: string;
}

/** The MCP side, as adapters/mcp serves it. */
type Serving = { left: Promise<void>; stop(): Promise<void> };

const FLUSH_MS = 300;

/**
 * `eval serve`: one scenario as an MCP server, until an answer was accepted, the agent has left or its time is over; then the verdict.
 * This process holds the key and the control address; the agent's has a pipe or a port.
 */
export async function serveCase(config: LocalConfig, output: Output, options: ServeOptions): Promise<number> {
  const manifest = await planCase(options);
  const kept = manifest === undefined ? {} : { manifest };
  const world = await openCaseWorld(config, options.scenario, options.seed);
  let scoring: Promise<number> | undefined;
  const score = (answer: SubmittedAnswer | undefined, trace: CaseTrace): Promise<number> => {
    scoring = scoreCase(world, { ...options, ...kept, answer, trace }, output);
    return scoring;
  };
  // A client ends its server when it has its answer; what was answered is still scored.
  const forget = onInterrupt(async () => {
    await scoring?.catch(() => undefined);
    await world.close();
  });
  let serving: Serving | undefined;
  try {
    const open = openCase(world, options, score);
    const alert = briefOf(world, options.cap);
    if (options.alertOut !== undefined) {
      write(options.alertOut, alert);
      // The alert is out: the clock runs.
      open.contact();
    }
    serving = await serve(output, options, servedCase(open, alert, options.cap));
    const answer = await answerOrEnd(open, serving, options.minutes);
    const trace = open.trace();
    keepTrace(options, trace);
    if (answer === undefined && trace.calls.length === 0) {
      output.line('Nobody took part: no call was made and no answer was given. Nothing is recorded.');
      return EXIT.failure;
    }
    return await (scoring ?? score(undefined, trace));
  } finally {
    // The agent reads its last answer before its line is cut.
    await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
    await serving?.stop();
    await world.close();
    forget();
  }
}

function openCase(
  world: CaseWorld,
  options: ServeOptions,
  onAnswer: (answer: SubmittedAnswer, trace: CaseTrace) => Promise<unknown>,
): OpenCase {
  const { catalog, readPlan, digest, seed } = world;
  return createOpenCase({
    ...{ catalog, readPlan, seed, cap: options.cap, scenario: digest, clock: systemTime.clock },
    onTrace: (trace) => keepTrace(options, trace),
    onAnswer,
  });
}

/** What an agent is told at the beginning. */
export function briefOf(world: CaseWorld, cap: number): Record<string, unknown> {
  const { source, payload, alert, inventory, policy, redactor, scope } = world;
  return caseBrief({
    ...{ source, payload, inventory, policy, cap },
    text: alert.text === '' ? alert.title : alert.text,
    at: alert.startedAt,
    severity: alert.severity,
    subject: alert.subject,
    redact: (text) => redactor.redact(text, scope).text,
  });
}

function servedCase(open: OpenCase, alert: unknown, cap: number) {
  return {
    version: versionOf(),
    instructions: caseInstructions(cap),
    tools: open.tools.map(({ name, description, args }) => ({
      name,
      description,
      inputSchema: z.toJSONSchema(args) as Record<string, unknown>,
    })),
    alert,
    answerSchema: answerSchema(),
    contact: open.contact,
    call: open.call,
    submit: open.submit,
  };
}

/** The protocol's library is loaded here alone: the other commands do without it. */
async function serve(output: Output, options: ServeOptions, served: ReturnType<typeof servedCase>): Promise<Serving> {
  if (options.port === undefined) {
    const { serveStdio } = await import('../../adapters/mcp/stdio.js');
    output.line('Serving one case over standard input and output.');
    return serveStdio(served, process.stdin, process.stdout);
  }
  const { serveHttp } = await import('../../adapters/mcp/http.js');
  const token = options.token ? randomBytes(24).toString('base64url') : undefined;
  const serving = await serveHttp(served, { port: options.port, ...(token === undefined ? {} : { token }) });
  output.line(`Serving one case at ${serving.url}`);
  if (token !== undefined) output.line(`Authorization: Bearer ${token}`);
  return serving;
}

async function answerOrEnd(open: OpenCase, serving: Serving, minutes: number): ReturnType<() => OpenCase['ended']> {
  const timer = setTimeout(() => open.giveUp(), minutes * 60_000);
  void serving.left.then(() => open.giveUp());
  try {
    return await open.ended;
  } finally {
    clearTimeout(timer);
  }
}

function keepTrace({ traceOut }: ServeOptions, trace: unknown): void {
  if (traceOut !== undefined) write(traceOut, trace);
}

function write(file: string, content: unknown): void {
  try {
    writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  } catch (cause) {
    throw new AppError('invalid_input', { field: file, safeText: `${file} can not be written.`, cause });
  }
}
