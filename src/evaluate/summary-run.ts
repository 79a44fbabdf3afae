import type { BenchmarkRun, RunManifest, RunResult, Split } from './model.js';
import { DEFAULT_ASSUMPTIONS } from './score-run.js';
import { type AimRow, aimRows, type Shortfall, shortfalls } from './summary-aims.js';
import { type BaselineRow, baselineRows } from './summary-baselines.js';
import { type Figures, figuresOf } from './summary-figures.js';
import { type PaperRow, paperRows } from './summary-paper.js';
import { type CurvePoint, rightWithin } from './summary-trace.js';

/** All that a report prints, JSON-safe, from one folder of results alone. */
export interface RunSummary {
  startedAt: string;
  /** Null while runs are missing. */
  finishedAt: string | null;
  version: string;
  reasoner: RunManifest['reasoner'];
  cap: number;
  repeats: number;
  seed: number;
  /** Runs the manifest asks for, and how many of them are there. */
  planned: number;
  done: number;
  /** The set that is reported as accuracy: `heldout` where there is one; else `dev`, which flatters. */
  reported: Split;
  headline: Figures;
  all: Figures;
  splits: Partial<Record<Split, Figures>>;
  /** dev minus heldout: what was learnt by heart. Null without both. */
  gap: { strict: number; repaired: number } | null;
  baselines: BaselineRow[];
  paper: PaperRow[];
  /** What was aimed at, and every run of the reported split that fell short. */
  aims: AimRow[];
  shortfalls: Shortfall[];
  /** Of the reported split. */
  rightWithin: CurvePoint[];
  results: RunResult[];
}

/** All figures of a run: over everything and for each split apart; `heldout` is what is reported. */
export function summariseRun({ manifest, records }: BenchmarkRun): RunSummary {
  const assume = manifest.assumptions ?? DEFAULT_ASSUMPTIONS;
  const of = (split: Split): Figures | undefined => {
    const own = records.filter((record) => record.result.split === split);
    return own.length === 0 ? undefined : figuresOf(own, assume);
  };
  const [dev, heldout] = [of('dev'), of('heldout')];
  const reported: Split = heldout ? 'heldout' : 'dev';
  const all = figuresOf(records, assume);
  const headline = heldout ?? dev ?? all;
  const shown = records.filter((record) => record.result.split === reported && record.result.failure !== 'infra');
  return {
    startedAt: manifest.startedAt,
    finishedAt: manifest.finishedAt ?? null,
    version: manifest.version,
    reasoner: manifest.reasoner,
    cap: manifest.cap,
    repeats: manifest.repeats,
    seed: manifest.seed,
    planned: manifest.scenarios.length * manifest.repeats,
    done: records.length,
    reported,
    headline,
    all,
    splits: { ...(dev ? { dev } : {}), ...(heldout ? { heldout } : {}) },
    gap:
      dev && heldout
        ? { strict: dev.strict.share - heldout.strict.share, repaired: dev.repaired.share - heldout.repaired.share }
        : null,
    baselines: baselineRows(manifest.baselines),
    paper: paperRows(headline, manifest.cap),
    aims: aimRows(headline),
    shortfalls: shortfalls(
      records.map((record) => record.result),
      reported,
    ),
    rightWithin: rightWithin(
      shown.map((record) => record.result),
      manifest.cap,
    ),
    results: records.map((record) => record.result),
  };
}
