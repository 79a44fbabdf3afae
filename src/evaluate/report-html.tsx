import { createHash } from 'node:crypto';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { AppError } from '../domain/errors.js';
import type { BenchmarkRun } from './model.js';
import { CallsPlot, CapPlot, CostPlot, FailuresPlot, GroupsPlot, SharesPlot } from './report-html-plots.js';
import { Runs } from './report-html-runs.js';
import { SCRIPT } from './report-html-script.js';
import { STYLE } from './report-html-style.js';
import {
  AimsTables,
  BaselinesTable,
  GroupTable,
  MttrTables,
  PaperTable,
  RepeatsTable,
  SafetyTable,
} from './report-html-tables.js';
import { atMost, cautions, INTERVALS, intervalText, percent, SPLITS, shareText, times, usd } from './report-words.js';
import { type RunSummary, summariseRun } from './summary-run.js';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
/** Only our own style and script; nothing is fetched, so that hostile text that got through could still do nothing. */
const POLICY = `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(SCRIPT)}; base-uri 'none'; form-action 'none'`;

const SECTIONS = [
  ['#aims', 'Aims'],
  ['#plots', 'Plots'],
  ['#baselines', 'Baselines'],
  ['#paper', 'Paper'],
  ['#mttr', 'Time to resolution'],
  ['#groups', 'Groups'],
  ['#runs', 'Runs'],
  ['#traces', 'Traces'],
] as const;

function Tile({ name, value, notes }: { name: string; value: string; notes: readonly string[] }): VNode {
  return (
    <div class="tile">
      <span>{name}</span>
      <b>{value}</b>
      {notes.map((note) => (
        <span key={note} class="soft">
          {note}
        </span>
      ))}
    </div>
  );
}

function Tiles({ summary }: { summary: RunSummary }): VNode {
  const { headline, splits, reported } = summary;
  const dev = reported === 'heldout' ? splits.dev : undefined;
  const other = (text: string): string[] => (dev ? [`dev ${text}`] : []);
  const { mttr, toolCalls, costUsd, seconds, passHat } = headline;
  const three = passHat.find(({ k }) => k === 3);
  return (
    <div class="tiles">
      <Tile
        name="Strict diagnosis"
        value={shareText(headline.strict)}
        notes={[intervalText(headline.strict), ...other(dev ? shareText(dev.strict) : '')]}
      />
      <Tile
        name="Repaired"
        value={shareText(headline.repaired)}
        notes={[intervalText(headline.repaired), ...other(dev ? shareText(dev.repaired) : '')]}
      />
      <Tile
        name="Unsafe"
        value={atMost(headline.unsafe)}
        notes={[
          `seen ${headline.unsafe.hits} of ${headline.unsafe.n} runs`,
          `${atMost(headline.unsafeScenarios)} of incidents`,
        ]}
      />
      {three ? (
        <Tile
          name="Three of three"
          value={percent(three.both)}
          notes={[`pass^3: strict ${percent(three.strict)}, repaired ${percent(three.repaired)}`]}
        />
      ) : null}
      <Tile
        name="Faster, all incidents"
        value={times(mttr.allRatio)}
        notes={[
          `repaired only: median ${times(mttr.repairedMedianRatio)}`,
          `against ${mttr.assumptions.manualMinutes} min, assumed`,
        ]}
      />
      <Tile
        name="Tool calls, mean"
        value={toolCalls.mean.toFixed(1)}
        notes={[
          `p95 ${toolCalls.p95}, cap ${summary.cap} hit by ${toolCalls.capHits}`,
          `evidence seen ${percent(headline.evidenceCoverage)}`,
        ]}
      />
      <Tile
        name="Cost, mean"
        value={usd(costUsd.mean)}
        notes={[`${seconds.mean.toFixed(1)} s, p95 ${seconds.p95.toFixed(1)} s`]}
      />
    </div>
  );
}

function Head({ summary }: { summary: RunSummary }): VNode {
  const { reasoner, headline, reported, gap } = summary;
  return (
    <header class="top">
      <h1>
        Countersign benchmark: {reasoner.name}
        {reasoner.model === '' ? '' : ` (${reasoner.model})`}
      </h1>
      <p class="soft">
        Version {summary.version} · started {summary.startedAt.slice(0, 16).replace('T', ' ')} UTC · cap {summary.cap} ·{' '}
        {summary.repeats} run{summary.repeats === 1 ? '' : 's'} of each incident · seed {summary.seed} · {summary.done}{' '}
        of {summary.planned} runs
      </p>
      <p>
        Reported: <b>{SPLITS[reported]}</b>, {headline.scenarios} incidents of {headline.families} families,{' '}
        {headline.strict.n} counted runs, {headline.infraErrors} set apart as infrastructure errors.
        {gap
          ? ` Dev minus held out, in points: ${Math.round(gap.strict * 100)} strict, ${Math.round(gap.repaired * 100)} repaired.`
          : ''}
      </p>
      {cautions(summary).map((line) => (
        <p key={line} class="caution">
          {line}
        </p>
      ))}
      <nav aria-label="Sections">
        {SECTIONS.map(([href, name]) => (
          <a key={href} href={href}>
            {name}
          </a>
        ))}
      </nav>
    </header>
  );
}

function Body({ summary, runs }: { summary: RunSummary; runs: readonly BenchmarkRun[] }): VNode {
  const { headline } = summary;
  return (
    <main>
      <Tiles summary={summary} />
      <p class="soft">
        {INTERVALS} An incident that is to be handed over counts as repaired when it was handed over, a false alarm when
        it was left alone.
      </p>
      <h2 id="aims">Aims, and where it falls short</h2>
      <AimsTables summary={summary} />
      <h2 id="plots">Plots</h2>
      <div class="plots">
        <SharesPlot summary={summary} />
        <GroupsPlot title="By category" rows={headline.byCategory} />
        <CapPlot summary={summary} runs={runs} />
        <CallsPlot summary={summary} />
        <CostPlot summary={summary} />
        <FailuresPlot summary={summary} />
      </div>
      <h2 id="baselines">Beside policies without a mind</h2>
      <BaselinesTable summary={summary} />
      <h2 id="paper">Beside the paper</h2>
      <PaperTable summary={summary} />
      <h2 id="mttr">Time to resolution</h2>
      <MttrTables summary={summary} />
      <h2 id="groups">Groups, {SPLITS[summary.reported]}</h2>
      <SafetyTable figures={headline} />
      <h3>Repeats</h3>
      <RepeatsTable figures={headline} />
      <h3>By tag</h3>
      <GroupTable rows={headline.byTag} name="Tag" />
      <h3>By category</h3>
      <GroupTable rows={headline.byCategory} name="Category" />
      <h3>By family</h3>
      <GroupTable rows={headline.byFamily} name="Family" />
      <Runs records={runs[0]?.records ?? []} />
    </main>
  );
}

/**
 * One self-contained page of the first run; the others serve the curve of accuracy against the cap.
 * @throws AppError `invalid_input` without a run.
 */
export function renderHtmlReport(runs: readonly BenchmarkRun[]): string {
  const [reported] = runs;
  if (!reported)
    throw new AppError('invalid_input', { safeText: 'runs: a report needs at least one folder of results.' });
  const summary = summariseRun(reported);
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content={POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`Countersign benchmark: ${summary.reasoner.name}`}</title>
        {/* Our own text, allowed by its hash. */}
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <Head summary={summary} />
        <Body summary={summary} runs={runs} />
        <footer>Every figure follows from the run records alone; no model judged anything.</footer>
        {/* Our own text, allowed by its hash. */}
        <script dangerouslySetInnerHTML={{ __html: SCRIPT }} />
      </body>
    </html>
  );
  return `<!doctype html>${renderToString(page)}`;
}
