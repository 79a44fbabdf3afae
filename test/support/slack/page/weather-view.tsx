import type { VNode } from 'preact';
import type { FaultKind } from '../faults.js';
import type { SlackServer } from '../server-types.js';
import { callsOfMinute, KINDS, limitOf, OFTEN, oftenOf, type Weather } from './weather.js';

export interface WeatherProps {
  server: SlackServer;
  weather: Weather;
}

/** Where somebody who tries the app makes Slack misbehave, and sees what the app does about it. */
export function WeatherPanel(props: WeatherProps): VNode {
  const down = props.server.faults.isDown();
  return (
    <details class="weather" data-keep="weather">
      <summary>
        Weather
        <span data-region="weather-mark" class="weather-mark">
          <span>{markOf(props)}</span>
        </span>
      </summary>
      <form class="weather-form" data-weather="add">
        <label>
          What goes wrong
          <select name="kind">
            {Object.entries(KINDS).map(([kind, text]) => (
              <option value={kind}>{text}</option>
            ))}
          </select>
        </label>
        <label>
          How often
          <select name="often">
            {Object.entries(OFTEN).map(([often, text]) => (
              <option value={often}>{text}</option>
            ))}
          </select>
        </label>
        <button type="submit" class="button plain">
          Add fault
        </button>
      </form>
      <div data-region="weather">
        <div data-key="all">
          <Asked {...props} />
          <p class="row">
            <button type="button" class="button plain" data-weather={down ? 'up' : 'down'}>
              {down ? 'Bring Slack back' : 'Take Slack down'}
            </button>
            <button type="button" class="button plain" data-weather="clear">
              Clear sky
            </button>
          </p>
          <Numbers {...props} />
        </div>
      </div>
    </details>
  );
}

function markOf({ server, weather }: WeatherProps): string {
  if (server.faults.isDown()) return 'Slack is down';
  return weather.asked.size > 0 ? `${weather.asked.size} faults` : 'clear';
}

function Asked({ weather }: WeatherProps): VNode | null {
  if (weather.asked.size === 0) return null;
  return (
    <ul class="asked">
      {[...weather.asked].map(([id, fault]) => (
        <li>
          {`${KINDS[fault.kind]}, ${oftenOf(fault)}`}
          <button
            type="button"
            class="tool"
            data-weather="remove"
            data-fault={id}
            aria-label={`Remove: ${KINDS[fault.kind]}`}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

function Numbers({ server }: WeatherProps): VNode {
  const calls = callsOfMinute(server);
  const struck = (Object.entries(server.faults.struck) as [FaultKind, number][]).filter(([, count]) => count > 0);
  return (
    <>
      <table class="calls">
        <caption>Calls in the last minute</caption>
        <thead>
          <tr>
            <th>Method</th>
            <th>Calls</th>
            <th>429</th>
            <th>Limit</th>
          </tr>
        </thead>
        <tbody>
          {calls.length === 0 ? (
            <tr>
              <td colSpan={4}>None</td>
            </tr>
          ) : null}
          {calls.map(({ method, count, refused }) => (
            <tr>
              <td>{method}</td>
              <td>{count}</td>
              <td>{refused}</td>
              <td>{limitOf(method) ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {struck.length === 0 ? null : (
        <p class="soft">{`Struck so far: ${struck.map(([kind, count]) => `${KINDS[kind]}: ${count}`).join('; ')}`}</p>
      )}
      {server.warnings.length === 0 ? null : (
        <details data-keep="warnings">
          <summary>{`${server.warnings.length} ${server.warnings.length === 1 ? 'warning' : 'warnings'} about the app`}</summary>
          <ul class="warnings">
            {server.warnings.slice(-10).map((warning) => (
              <li>{warning}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
