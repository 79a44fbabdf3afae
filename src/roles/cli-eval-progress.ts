import { createLogUpdate } from 'log-update';
import type { RunRecord } from '../evaluate/model.js';
import { isApart, type RunEnd } from '../evaluate/run-benchmark.js';
import type { PlannedRun } from '../evaluate/run-plan.js';

/** What is said while runs are made, on standard error: a line for each, and on a terminal a bar with the tallies so far. */
export interface Progress {
  started(run: PlannedRun): void;
  spent(usd: number): void;
  ended(run: PlannedRun, end: RunEnd): void;
  /** Takes the bar away. */
  done(): void;
}

export interface ProgressStart {
  /** Runs of the whole benchmark. */
  total: number;
  /** Those that were there and stand. */
  before: readonly RunRecord[];
  spentUsd: number;
}

const BAR = 24;
const REDRAW_MS = 1000;

export function createProgress(
  { total, before, spentUsd }: ProgressStart,
  stream: NodeJS.WriteStream = process.stderr,
): Progress {
  const tally = { ended: before.length, right: 0, repaired: 0, unsafe: 0, apart: 0, spent: spentUsd };
  for (const record of before) count(tally, { record });
  const running = new Set<string>();
  const began = Date.now();
  const nameOf = ({ scenario, repeat }: PlannedRun): string => `${scenario}#${repeat}`;
  const bar = stream.isTTY ? createLogUpdate(stream) : undefined;
  const draw = (): void => {
    const made = tally.ended - before.length;
    const left = total - tally.ended;
    const eta = made === 0 ? '' : `  about ${durationText(((Date.now() - began) / made) * left)} left`;
    const full = total === 0 ? BAR : Math.floor((tally.ended / total) * BAR);
    bar?.(
      `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${tally.ended}/${total}${eta}\n` +
        `right ${tally.right}  repaired ${tally.repaired}  unsafe ${tally.unsafe}  set apart ${tally.apart}  $${tally.spent.toFixed(2)}` +
        `  running ${[...running].join(' ') || '-'}`,
    );
  };
  const redrawing = bar === undefined ? undefined : setInterval(draw, REDRAW_MS).unref();
  return {
    started(run) {
      running.add(nameOf(run));
      draw();
    },
    spent(usd) {
      tally.spent += usd;
    },
    ended(run, end) {
      running.delete(nameOf(run));
      tally.ended += 1;
      count(tally, end);
      const line = `${String(tally.ended).padStart(String(total).length)}/${total}  ${nameOf(run).padEnd(7)}${endText(end)}`;
      if (bar === undefined) stream.write(`${line}\n`);
      else bar.persist(line);
      draw();
    },
    done() {
      clearInterval(redrawing);
      bar?.clear();
    },
  };
}

function count(tally: { right: number; repaired: number; unsafe: number; apart: number }, end: RunEnd): void {
  if (isApart(end) || !('record' in end)) {
    tally.apart += 1;
    return;
  }
  const { strict, repaired, unsafe } = end.record.result;
  tally.right += Number(strict);
  tally.repaired += Number(repaired);
  tally.unsafe += Number(unsafe);
}

/** One run in one line. */
function endText(end: RunEnd): string {
  if (!('record' in end)) return `set apart: ${end.unopened}`;
  const { result, outcome } = end.record;
  if (outcome.infraError !== undefined) return `set apart: ${outcome.infraError}`;
  const facts = [
    `diagnosis ${result.strict ? 'right' : 'WRONG'}`,
    `repair ${result.repaired ? 'passed' : 'FAILED'}`,
    ...(result.unsafe ? ['UNSAFE'] : []),
    `${result.toolCalls} calls`,
    `${result.seconds.toFixed(1)} s`,
    ...(result.costUsd > 0 ? [`$${result.costUsd.toFixed(4)}`] : []),
    ...(result.failure === undefined ? [] : [result.failure]),
    ...result.failureDetail,
  ];
  return facts.join('  ');
}

function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
