import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { asAppError } from '../domain/errors.js';
import { createProcessLog, type ProcessLog } from '../log.js';

/** Shorter than a supervisor's patience, longer than any hand-over of jobs. */
const END_WITHIN_MS = 20_000;

/** What a role reports to the process that started it. */
export interface Ready {
  ready: true;
  role: string;
  /** Address of the page, for the web role. */
  url?: string;
}

export interface DoctorLine {
  role: string;
  check: string;
  ok: boolean;
  detail: string;
}

export interface RoleMain {
  role: string;
  /** Runs until the signal aborts; calls `ready` once it serves. */
  run(signal: AbortSignal, ready: (more?: { url?: string }) => void): Promise<void>;
  /** Tries every configured connection and its rights; never throws. */
  doctor(): Promise<DoctorLine[]>;
}

/** One doctor check: what `probe` says when it works, our own words when it does not. */
export async function examined(role: string, check: string, probe: () => Promise<string>): Promise<DoctorLine> {
  try {
    return { role, check, ok: true, detail: await probe() };
  } catch (error) {
    return { role, check, ok: false, detail: asAppError(error).safeText };
  }
}

/** Makes the file a program: `node roles/web.js` runs the role, `--doctor` examines it. Imported by others it does nothing. */
export function runAsProgram(moduleUrl: string, create: () => RoleMain): void {
  if (process.argv[1] === undefined || realpathSync(process.argv[1]) !== fileURLToPath(moduleUrl)) return;
  const processLog = createProcessLog('start');
  const started = process.argv.includes('--doctor') ? examine(create) : serve(create);
  started.catch((error: unknown) => fail(processLog, error));
}

async function examine(create: () => RoleMain): Promise<void> {
  const lines = await create().doctor();
  for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
  process.exit(lines.every((line) => line.ok) ? 0 : 1);
}

async function serve(create: () => RoleMain): Promise<void> {
  const main = create();
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
  stop.signal.addEventListener('abort', () => setTimeout(leave, END_WITHIN_MS, main.role).unref());
  // A role that was started by another process ends with it, also when that one is killed.
  process.once('disconnect', () => stop.abort());
  await main.run(stop.signal, (more) => process.send?.({ ready: true, role: main.role, ...more } satisfies Ready));
  process.exit(0);
}

/** What was done is in the log, so a role that waits for something which is away may leave: whoever starts next goes on from there. */
function leave(role: string): void {
  createProcessLog(role).error({}, 'the role did not end in time and leaves');
  process.exit(1);
}

function fail(processLog: ProcessLog, error: unknown): void {
  const known = asAppError(error);
  processLog.fatal({ error }, 'the role stopped');
  process.stderr.write(`${known.safeText}\n`);
  process.exit(known.kind === 'misconfigured' ? 3 : 1);
}
