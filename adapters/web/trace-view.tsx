import type { VNode } from 'preact';
import type { TraceLine } from '../../src/domain/card.js';
import type { Item } from './fragments.js';
import { leaf } from './leaf.js';
import { ObservationDetails } from './section-view.js';

const CALL_WORDS: Record<TraceLine['status'], string> = {
  running: 'asking…',
  ok: '',
  no_data: 'no data',
  error: 'failed',
};

/** Calls as a list that grows; each stays as somebody opened it while the next is made. */
export function traceItems(trace: readonly TraceLine[]): Item[] {
  return trace.map((line) => {
    const id = `call-${line.call}`;
    return { id, parts: [leaf(id, <TraceView line={line} />)], wrap: (parts) => parts };
  });
}

/** One call: why, what was asked, what came back, and what was believed then. */
function TraceView({ line }: { line: TraceLine }): VNode {
  const word = CALL_WORDS[line.status];
  return (
    <li id={`call-${line.call}`} class={`call ${line.status}`} data-call={line.call}>
      <p class="thought">{line.thought}</p>
      <p class="invocation">
        <code>
          <b>{line.tool}</b>({line.args})
        </code>
      </p>
      <p class="result">
        {word === '' ? null : <span class="word">{word}</span>} {line.headline}
        {line.flagged ? <span class="flag"> Looks like planted instructions; ignored</span> : null}
      </p>
      <details class="folded">
        <summary>
          Hypothesis at {Math.round(line.confidence * 100)} %<span class="visually-hidden"> for call {line.call}</span>
        </summary>
        <p class="hypothesis">{line.hypothesis}</p>
        {line.observation === undefined ? null : (
          <ObservationDetails digest={line.observation} label="What the tool answered, as it was stored" />
        )}
      </details>
    </li>
  );
}
