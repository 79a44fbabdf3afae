import type { ComponentChildren, VNode } from 'preact';
import { aimText, atMost, intervalText, percent, SPLITS, shareText, times } from './report-words.js';
import { FAILURE_WORDS } from './summary-aims.js';
import type { BaselineCount } from './summary-baselines.js';
import type { Figures } from './summary-figures.js';
import type { RunSummary } from './summary-run.js';
import type { GroupRow } from './summary-shares.js';

const words = (name: string): string => name.replaceAll('_', ' ');

/** A table that scrolls by itself where the screen is narrow. Columns named in `numbers` are set flush right. */
export function Table(props: {
  head: readonly string[];
  rows: readonly (readonly ComponentChildren[])[];
  numbers?: readonly number[];
  /** Rows that are set apart as ours. */
  lead?: readonly number[];
}): VNode {
  const numeric = new Set(props.numbers ?? []);
  const lead = new Set(props.lead ?? []);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="scroll" aria-label={props.head.join(', ')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {props.head.map((name, column) => (
              <th key={name} scope="col" class={numeric.has(column) ? 'num' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((cells, index) => (
            <tr key={index} class={lead.has(index) ? 'lead' : undefined}>
              {cells.map((cell, column) => (
                <td key={props.head[column]} class={numeric.has(column) ? 'num' : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function countText(count: BaselineCount): string {
  return count.n === 0 ? '–' : `${count.passed} of ${count.n} (${percent(count.passed / count.n)})`;
}

/** The run itself first, then each policy; only splits that there are. */
export function BaselinesTable({ summary }: { summary: RunSummary }): VNode {
  const { splits, baselines } = summary;
  const shown = (['heldout', 'dev'] as const).filter(
    (split) => splits[split] !== undefined || baselines.some((row) => row[split].n > 0),
  );
  const ours = (figures: Figures | undefined): string[] => [
    figures ? `${figures.repaired.hits} of ${figures.repaired.n} (${shareText(figures.repaired)})` : '–',
    figures ? String(figures.unsafe.hits) : '–',
  ];
  const theirs = (count: BaselineCount): string[] => [countText(count), count.n === 0 ? '–' : String(count.unsafe)];
  return (
    <>
      <Table
        head={['Policy', ...shown.flatMap((split) => [`${SPLITS[split]}: passed`, `${SPLITS[split]}: unsafe`])]}
        numbers={[1, 2, 3, 4]}
        lead={[0]}
        rows={[
          [`${summary.reasoner.name} (this run)`, ...shown.flatMap((split) => ours(splits[split]))],
          ...baselines.map((row) => [words(row.policy), ...shown.flatMap((split) => theirs(row[split]))]),
        ]}
      />
      {baselines.length === 0 ? <p class="soft">No baselines were recorded with this run.</p> : null}
    </>
  );
}

export function PaperTable({ summary }: { summary: RunSummary }): VNode {
  return (
    <Table
      head={['', 'Paper', `Ours (${SPLITS[summary.reported]}), and what is fair to compare`]}
      rows={summary.paper.map((row) => [
        words(row.claim),
        row.theirs,
        <>
          {row.ours.map(({ name, value }, index) => (
            <span key={name}>
              {index === 0 ? '' : ' · '}
              {name} <b>{value}</b>
            </span>
          ))}
          <div class="soft">{row.fair}</div>
        </>,
      ])}
    />
  );
}

/** The bars, and every incident of the reported split that was not right: which rule says how, and what was wrong first. */
export function AimsTables({ summary }: { summary: RunSummary }): VNode {
  const classes = [...new Set(summary.shortfalls.map(({ failure }) => failure))];
  return (
    <>
      <Table
        head={['Aim', 'Bar', `Here (${SPLITS[summary.reported]})`, '']}
        rows={summary.aims.map((row) => {
          const { aim, got, met } = aimText(row);
          return [words(row.name), aim, got, met === 'missed' ? <b>{met}</b> : met];
        })}
      />
      {classes.map((failure) => {
        const own = summary.shortfalls.filter((item) => item.failure === failure);
        return (
          <>
            <h3>{`${own.length} ${FAILURE_WORDS[failure]}`}</h3>
            <ul class="shortfalls">
              {own.map(({ scenario, repeat, unsafe, why }) => (
                <li key={`${scenario}#${repeat}`}>
                  {unsafe ? <b>unsafe: </b> : null}
                  {`${scenario}#${repeat}, ${why}`}
                </li>
              ))}
            </ul>
          </>
        );
      })}
    </>
  );
}

export function MttrTables({ summary }: { summary: RunSummary }): VNode {
  const { mttr } = summary.headline;
  const { assumptions } = mttr;
  const gates = mttr.byGate.map(
    ({ gateMinutes }) =>
      `person takes ${gateMinutes} min${gateMinutes === assumptions.gateMinutes ? ' (assumed)' : ''}`,
  );
  return (
    <>
      <p class="caution">
        Assumed, not measured: by hand {assumptions.manualMinutes} min unless the table says otherwise, source:{' '}
        {assumptions.manualSource}; {assumptions.gateMinutes} min for the person at the gate. Measured: wall clock of
        the diagnosis. Simulated: run time of the repair. What was not repaired adds the manual way on top.
      </p>
      <Table
        head={['Times faster than by hand', ...gates]}
        numbers={[1, 2, 3]}
        lead={[0]}
        rows={[
          [`all ${mttr.n} runs with a fault`, ...mttr.byGate.map((gate) => times(gate.allRatio))],
          [`the ${mttr.repaired} repaired, ratio of means`, ...mttr.byGate.map((gate) => times(gate.repairedRatio))],
          [
            `the ${mttr.repaired} repaired, median ratio`,
            ...mttr.byGate.map((gate) => times(gate.repairedMedianRatio)),
          ],
        ]}
      />
      <h3>By category</h3>
      <Table
        head={[
          'Category',
          'runs',
          'repaired by a plan',
          'by hand, min (assumed)',
          'with Countersign, mean min',
          'times faster',
        ]}
        numbers={[1, 2, 3, 4, 5]}
        rows={mttr.byCategory.map((row) => [
          words(row.category),
          row.n,
          row.repaired,
          row.manualMinutes,
          row.assistedMinutes.toFixed(0),
          times(row.ratio),
        ])}
      />
    </>
  );
}

export function GroupTable({ rows, name }: { rows: readonly GroupRow[]; name: string }): VNode {
  return (
    <Table
      head={[name, 'runs', 'incidents', 'strict', '95%', 'repaired', '95% ', 'unsafe']}
      numbers={[1, 2, 3, 5, 7]}
      rows={rows.map((row) => [
        words(row.name),
        row.n,
        row.scenarios,
        shareText(row.strict),
        intervalText(row.strict),
        shareText(row.repaired),
        intervalText(row.repaired),
        row.unsafe,
      ])}
    />
  );
}

export function RepeatsTable({ figures }: { figures: Figures }): VNode {
  return (
    <Table
      head={['All of k runs right', 'strict', 'repaired', 'both', 'incidents']}
      numbers={[1, 2, 3, 4]}
      rows={figures.passHat.map((row) => [
        `pass^${row.k}`,
        percent(row.strict),
        percent(row.repaired),
        percent(row.both),
        row.scenarios,
      ])}
    />
  );
}

export function SafetyTable({ figures }: { figures: Figures }): VNode {
  const { escalation, attacks, twins } = figures;
  const share = (name: string, of: Figures['unsafe']): ComponentChildren[] => [
    name,
    `${of.hits} of ${of.n}`,
    shareText(of),
    intervalText(of),
  ];
  return (
    <Table
      head={['Safety and judgement', 'of', 'share', '95% interval']}
      numbers={[1, 2]}
      rows={[
        share(`unsafe runs (${atMost(figures.unsafe)})`, figures.unsafe),
        share(`incidents with an unsafe run (${atMost(figures.unsafeScenarios)})`, figures.unsafeScenarios),
        share('escalation precision: handed over, and rightly', escalation.precision),
        share('escalation recall: of what was to hand over', escalation.recall),
        share('strict under attack', attacks.strictUnderAttack),
        share('strict without', attacks.strictWithout),
        ...attacks.byChannel.map((row) =>
          share(`attack succeeded by ${row.channel} (${row.flagged} flagged)`, row.succeeded),
        ),
        share(`twins: both of a pair right (only one: ${twins.one})`, twins.both),
      ]}
    />
  );
}
