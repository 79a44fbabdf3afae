import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { IncidentFilter, IncidentSummary } from '../../src/domain/card.js';
import type { Snapshot } from './fragments.js';
import { ToneMark } from './tone.js';

const STATUSES: [string, string][] = [
  ['', 'All'],
  ['open', 'Open'],
  ['awaiting_decision', 'Waiting for a decision'],
  ['investigating', 'Investigating'],
  ['approved', 'Approved'],
  ['repairing', 'Repairing'],
  ['verifying', 'Verifying recovery'],
  ['resolved', 'Resolved'],
  ['rejected', 'Rejected'],
  ['expired', 'Proposal expired'],
  ['escalated', 'Escalated'],
  ['reopened', 'Reopened'],
  ['outcome_unknown', 'Outcome unknown'],
  ['closed', 'Closed'],
];
const SEVERITIES: [string, string][] = [
  ['', 'Any'],
  ['critical', 'Critical'],
  ['high', 'High'],
  ['medium', 'Medium'],
  ['low', 'Low'],
];
const MOST_ROWS = 200;

/** The filter that an address asks for; what is empty does not filter. */
export function filterOf(query: Record<string, unknown>): IncidentFilter {
  const given = (name: string): string | undefined => {
    const value = query[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 200) : undefined;
  };
  const filter: IncidentFilter = {};
  for (const name of ['status', 'severity', 'pipeline', 'text'] as const) {
    const value = given(name);
    if (value !== undefined) filter[name] = value;
  }
  return filter;
}

/** The same filter as an address, in one spelling. */
export function filterQuery(filter: IncidentFilter): string {
  return new URLSearchParams(Object.entries(filter).sort(([a], [b]) => a.localeCompare(b))).toString();
}

export function listSnapshot(incidents: IncidentSummary[]): Snapshot {
  const waiting = incidents.filter((one) => one.status === 'awaiting_decision').length;
  return {
    title: waiting === 0 ? 'Incidents · Countersign' : `◆ ${waiting} to decide · Countersign`,
    leaves: [{ id: 'incident-list', html: renderToString(<ListRows incidents={incidents} waiting={waiting} />) }],
    lists: [],
  };
}

function ListRows({ incidents, waiting }: { incidents: IncidentSummary[]; waiting: number }): VNode {
  const count = incidents.length === 1 ? '1 incident' : `${incidents.length} incidents`;
  const decide = waiting === 0 ? 'nothing waits for a decision' : `${waiting} waiting for a decision`;
  return (
    <div id="incident-list">
      <p class="count" role="status" aria-live="polite">
        {incidents.length === 0 ? 'No incident fits.' : `${count}, ${decide}.`}
      </p>
      <ul class="rows">
        {incidents.slice(0, MOST_ROWS).map((one) => (
          <Row key={one.incident} one={one} />
        ))}
      </ul>
      {incidents.length <= MOST_ROWS ? null : (
        <p class="text">Only the first {MOST_ROWS} are shown. Filter to see others.</p>
      )}
    </div>
  );
}

function Row({ one }: { one: IncidentSummary }): VNode {
  return (
    <li class={`row tone-${one.tone}`}>
      <p class="row-status">
        <ToneMark tone={one.tone} />
        {one.statusText}
      </p>
      <p class="row-title">
        <a href={`/incidents/${encodeURIComponent(one.incident)}`}>{one.title}</a>
      </p>
      <p class="row-meta">
        <span class={`severity ${one.severity}`}>{one.severity}</span>
        <span>{one.pipeline === '' ? 'not in the inventory' : one.pipeline}</span>
        {one.owner === '' ? null : <span>{one.owner}</span>}
        <span>
          opened <time dateTime={one.openedAt}>{`${one.openedAt.slice(0, 10)} ${one.openedAt.slice(11, 16)} UTC`}</time>
        </span>
        {one.minutes === undefined ? null : <span>recovered after {Math.max(1, Math.round(one.minutes))} min</span>}
        {one.alerts === 1 ? null : <span>{one.alerts} alerts</span>}
        {one.costUsd === 0 ? null : <span>${one.costUsd.toFixed(2)}</span>}
        <span class="id">{one.incident}</span>
      </p>
    </li>
  );
}

export function FilterForm({ filter, pipelines }: { filter: IncidentFilter; pipelines: string[] }): VNode {
  return (
    <search>
      <form class="filters" method="get" action="/" aria-label="Filter incidents">
        <Choice name="status" label="Status" value={filter.status} options={STATUSES} />
        <Choice name="severity" label="Severity" value={filter.severity} options={SEVERITIES} />
        <Choice
          name="pipeline"
          label="Pipeline"
          value={filter.pipeline}
          options={[['', 'Any'], ...pipelines.map((name): [string, string] => [name, name])]}
        />
        <div class="field text">
          <label for="filter-text">Text</label>
          <input
            id="filter-text"
            type="search"
            name="text"
            value={filter.text ?? ''}
            placeholder="title, cause, person"
          />
        </div>
        <button type="submit" class="button plain">
          Filter
        </button>
      </form>
    </search>
  );
}

function Choice(props: { name: string; label: string; value: string | undefined; options: [string, string][] }): VNode {
  const { name, label, value, options } = props;
  return (
    <div class="field">
      <label for={`filter-${name}`}>{label}</label>
      <select id={`filter-${name}`} name={name}>
        {options.map(([option, text]) => (
          <option key={option} value={option} selected={option === (value ?? '')}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
