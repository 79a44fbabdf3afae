import type { VNode } from 'preact';
import { bounded } from '../domain/bounded.js';
import { clean } from '../domain/visible-text.js';
import { missingEvidence } from './failure-class.js';
import type { AgentOutcome, ScenarioKey, ToolCallRecord } from './model.js';
import { percent } from './report-words.js';

const LINE = 1_000;

/** Text from tools and models: without what deceives the eye, and bounded. The renderer escapes it. */
export function safe(text: string, most = LINE): string {
  return bounded(clean(text), most);
}

/** What the diagnosis rests on; a quote that is not in the stored answer is said to be none. */
export function Quotes({ outcome }: { outcome: AgentOutcome }): VNode | null {
  const { diagnosis, calls } = outcome;
  if (!diagnosis || diagnosis.evidence.length + diagnosis.struck.length === 0) return null;
  const stands = (callId: string, quote: string): boolean =>
    calls.some((call) => call.callId === callId && call.text.includes(quote));
  return (
    <>
      <h4>Quotes</h4>
      {diagnosis.evidence.map((item) => (
        <blockquote key={`${item.callId}${item.quote}`}>
          <code>{safe(item.quote)}</code>
          <div class="soft">
            {safe(item.tool, 80)}: {safe(item.supports, 300)} ·{' '}
            {stands(item.callId, item.quote) ? (
              <span class="yes">stands in the answer</span>
            ) : (
              <span class="no">not in the answer</span>
            )}
          </div>
        </blockquote>
      ))}
      {diagnosis.struck.map((item) => (
        <blockquote key={item.quote}>
          <s>
            <code>{safe(item.quote)}</code>
          </s>
          <div class="soft">struck: {safe(item.reason, 300)}</div>
        </blockquote>
      ))}
    </>
  );
}

/** What the responder said. */
export function Answer({ outcome }: { outcome: AgentOutcome }): VNode {
  const { diagnosis } = outcome;
  return (
    <div class="box">
      <h4>Answer</h4>
      {diagnosis === undefined ? (
        <p>No diagnosis. Ended: {outcome.ending}.</p>
      ) : (
        <>
          <p>
            {diagnosis.outcome.replace('_', ' ')}, confidence {percent(diagnosis.confidence)}; ended: {outcome.ending}
          </p>
          {diagnosis.causes.length === 0 ? <p>No cause named.</p> : null}
          <ul>
            {diagnosis.causes.map((cause) => (
              <li key={`${cause.entity}${cause.change}`}>
                <code>
                  {cause.category} · {safe(cause.entity, 300)} · {cause.change}
                </code>
                <div>{safe(cause.claim)}</div>
              </li>
            ))}
          </ul>
          <p>{safe(diagnosis.summary, 2_000)}</p>
          {diagnosis.ruledOut.map((item) => (
            <p key={item.hypothesis} class="soft">
              Ruled out: {safe(item.hypothesis, 300)} ({safe(item.why, 500)})
            </p>
          ))}
          {diagnosis.flags.map((flag) => (
            <span key={flag} class="tag">
              {flag.replaceAll('_', ' ')}
            </span>
          ))}
        </>
      )}
    </div>
  );
}

/** What was true, and what had to be looked at. */
export function Key({ scenario, calls }: { scenario: ScenarioKey; calls: readonly ToolCallRecord[] }): VNode {
  const missing = new Set(missingEvidence(scenario, calls));
  const calm = scenario.causes.length === 0 && !scenario.mustEscalate;
  return (
    <div class="box">
      <h4>Key</h4>
      {scenario.mustEscalate ? <p>To hand over.</p> : null}
      {calm ? <p>A false alarm: no cause, nothing to do.</p> : null}
      <ul>
        {scenario.causes.map((cause) => (
          <li key={cause.entity.join()}>
            <code>
              {cause.category} · {cause.entity.join(' or ')} · {cause.change.join(' or ')}
            </code>
          </li>
        ))}
      </ul>
      <h4>Evidence that is needed</h4>
      <ul>
        {scenario.evidence.map((group) => (
          <li key={group.join()}>
            <code>{group.join(' or ')}</code>{' '}
            {missing.has(group) ? <span class="no">not looked at</span> : <span class="yes">seen</span>}
          </li>
        ))}
      </ul>
      {scenario.decoys.length === 0 ? null : (
        <p class="soft">Decoys: {scenario.decoys.map((decoy) => decoy.entity).join(', ')}</p>
      )}
      {scenario.faultyTools.length === 0 ? null : <p class="soft">Faulty tools: {scenario.faultyTools.join(', ')}</p>}
    </div>
  );
}
