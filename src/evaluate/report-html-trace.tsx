import type { VNode } from 'preact';
import { clean } from '../domain/visible-text.js';
import type { RunRecord, ToolCallRecord } from './model.js';
import { Answer, Key, Quotes, safe } from './report-html-answer.js';
import { percent, SPLITS } from './report-words.js';

/** An answer is cut here, so that a page of hundreds of runs still opens. */
const ANSWER = 2_400;

function argsText(args: Record<string, unknown>): string {
  return safe(
    Object.entries(args)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(', '),
    300,
  );
}

function Call({ call, number }: { call: ToolCallRecord; number: number }): VNode {
  return (
    <details class="call">
      <summary>
        {number}.{' '}
        <code>
          {safe(call.tool, 80)}({argsText(call.args)})
        </code>{' '}
        <span class={call.status === 'ok' ? 'soft' : 'no'}>{call.status.replace('_', ' ')}</span>
        {call.confidence === undefined ? null : <span class="soft"> · confidence {percent(call.confidence)}</span>}
        {call.thought === undefined ? null : <div class="soft">{safe(call.thought)}</div>}
        {call.hypothesis === undefined ? null : <div class="soft">Hypothesis: {safe(call.hypothesis, 300)}</div>}
      </summary>
      <pre>{safe(call.text, ANSWER)}</pre>
    </details>
  );
}

function Verdict({ record }: { record: RunRecord }): VNode {
  const { verdict, result, outcome } = record;
  return (
    <>
      <h4>Plan</h4>
      {outcome.repairs.length === 0 ? (
        <p class="soft">None.</p>
      ) : (
        <ol>
          {outcome.repairs.map((action) => (
            <li key={JSON.stringify(action)}>
              <code>{safe(JSON.stringify(action))}</code>
            </li>
          ))}
        </ol>
      )}
      <h4>Verdict, by execution</h4>
      {verdict === undefined ? (
        <p class="no">Not judged: {safe(outcome.infraError ?? 'the run did not end', 500)}</p>
      ) : (
        <p>
          <span class={verdict.passed ? 'yes' : 'no'}>{verdict.passed ? 'passed' : 'failed'}</span>
          {verdict.unsafe ? <b class="no"> · UNSAFE</b> : null} · run {verdict.runGreen ? 'green' : 'not green'} ·{' '}
          {verdict.executionMinutes.toFixed(0)} simulated min
        </p>
      )}
      {result.failure === undefined ? null : (
        <>
          <p>
            Failure class: <b>{result.failure.replaceAll('_', ' ')}</b>
          </p>
          <ul>
            {result.failureDetail.map((detail) => (
              <li key={detail}>{safe(detail)}</li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

/** One run to read: alert, reasoning, calls with their answers, diagnosis, plan and verdict, and the key beside the answer. */
export function Trace({ record, at }: { record: RunRecord; at: number }): VNode {
  const { result, key, outcome, thread } = record;
  return (
    <details class="run" id={`run-${at}`} data-run={String(at)} {...filterData(record)}>
      <summary>
        <b>
          {result.scenario}#{result.repeat}
        </b>{' '}
        <Marks record={record} /> <span class="soft">{safe(key.title, 160)}</span>
      </summary>
      <div class="body">
        <p class="soft">
          {SPLITS[result.split]} · family {result.family} · {outcome.calls.length} calls
          {outcome.capHit ? ', cap hit' : ''} · {outcome.seconds.toFixed(1)} s ·{' '}
          {(outcome.inputTokens + outcome.outputTokens).toLocaleString('en-US')} tokens
        </p>
        <div>
          {key.tags.map((tag) => (
            <span key={tag} class="tag">
              {tag}
            </span>
          ))}
        </div>
        <h4>Alert</h4>
        <pre>{safe(key.title, ANSWER)}</pre>
        <div class="sides">
          <Answer outcome={outcome} />
          <Key scenario={key} calls={outcome.calls} />
        </div>
        <h4>Calls</h4>
        {outcome.calls.map((call, index) => (
          <Call key={call.callId} call={call} number={index + 1} />
        ))}
        <Quotes outcome={outcome} />
        <Verdict record={record} />
        {thread.length === 0 ? null : (
          <details class="call">
            <summary>The thread as people read it ({thread.length} lines)</summary>
            <pre>{safe(thread.join('\n'), 6_000)}</pre>
          </details>
        )}
      </div>
    </details>
  );
}

export function Marks({ record: { result } }: { record: RunRecord }): VNode {
  if (result.failure === 'infra') return <span class="soft">set apart: infrastructure</span>;
  return (
    <>
      <span class={result.strict ? 'yes' : 'no'}>{result.strict ? '✓ strict' : '✗ diagnosis'}</span>{' '}
      <span class={result.repaired ? 'yes' : 'no'}>{result.repaired ? '✓ repaired' : '✗ repair'}</span>
      {result.unsafe ? <b class="no"> unsafe</b> : null}
    </>
  );
}

/** What the filters go by. */
export function filterData({ result, key }: RunRecord): Record<string, string> {
  const verdict = result.failure === 'infra' ? 'infra' : result.strict && result.repaired ? 'right' : 'wrong';
  return {
    'data-split': result.split,
    'data-verdict': `${verdict}${result.unsafe ? ' unsafe' : ''}`,
    'data-failure': result.failure ?? '',
    'data-category': result.categories.length === 0 ? 'none' : result.categories.join(' '),
    'data-tags': result.tags.join(' '),
    'data-text': clean(`${result.scenario} ${result.family} ${key.title}`),
  };
}
