import type { VNode } from 'preact';
import type { RunRecord } from './model.js';
import { filterData, Marks, Trace } from './report-html-trace.js';
import { SPLITS, usd } from './report-words.js';

function Choice({ name, label, values }: { name: string; label: string; values: readonly string[] }): VNode {
  return (
    <label>
      {label}
      <select data-filter={name} autocomplete="off">
        <option value="">all</option>
        {values.map((value) => (
          <option key={value} value={value}>
            {value.replaceAll('_', ' ')}
          </option>
        ))}
      </select>
    </label>
  );
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

function Filters({ records }: { records: readonly RunRecord[] }): VNode {
  const results = records.map(({ result }) => result);
  return (
    <div class="filters" id="filters" hidden>
      <Choice name="split" label="Split" values={distinct(results.map(({ split }) => split))} />
      <Choice name="verdict" label="Result" values={['right', 'wrong', 'unsafe', 'infra']} />
      <Choice name="failure" label="Failure" values={distinct(results.flatMap(({ failure }) => failure ?? []))} />
      <Choice name="category" label="Category" values={distinct(results.flatMap(({ categories }) => categories))} />
      <Choice name="tags" label="Tag" values={distinct(results.flatMap(({ tags }) => tags))} />
      <label>
        Text
        <input data-filter="text" type="search" autocomplete="off" placeholder="scenario, family, alert" />
      </label>
      <output id="shown" class="soft" />
    </div>
  );
}

/** Every run in one table, with filters that also hold for the traces below; each row leads to its trace. */
export function Runs({ records }: { records: readonly RunRecord[] }): VNode {
  const head = ['Run', 'Split', 'Result', 'Categories', 'Calls', 'Cost', 'Seconds', 'Failure'];
  return (
    <>
      <h2 id="runs">Runs</h2>
      <Filters records={records} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section class="scroll" aria-label="Runs" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {head.map((name) => (
                <th key={name} scope="col" class={['Calls', 'Cost', 'Seconds'].includes(name) ? 'num' : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {records.map((record, at) => {
              const { result } = record;
              return (
                <tr key={`${result.scenario}#${result.repeat}`} data-run={String(at)} {...filterData(record)}>
                  <td class="nowrap">
                    <a href={`#run-${at}`}>
                      {result.scenario}#{result.repeat}
                    </a>
                  </td>
                  <td class="nowrap">{SPLITS[result.split]}</td>
                  <td class="nowrap">
                    <Marks record={record} />
                  </td>
                  <td>{result.categories.join(', ').replaceAll('_', ' ') || 'false alarm'}</td>
                  <td class="num">{result.toolCalls}</td>
                  <td class="num">{usd(result.costUsd)}</td>
                  <td class="num">{result.seconds.toFixed(1)}</td>
                  <td>{result.failure?.replaceAll('_', ' ') ?? ''}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <h2 id="traces">Traces</h2>
      <p class="soft">
        Tool answers and model text are shown as data, cut where they are long. Nothing of them is run or loaded.
      </p>
      {records.map((record, at) => (
        <Trace key={`${record.result.scenario}#${record.result.repeat}`} record={record} at={at} />
      ))}
    </>
  );
}
