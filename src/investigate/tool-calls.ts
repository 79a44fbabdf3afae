import type { ToolMessage } from '@langchain/core/messages';
import { canonicalJson } from '../domain/canonical.js';
import type { Clock, ObservationStore } from '../domain/ports.js';
import type { ToolCatalog, ToolOutcome } from '../domain/tool.js';
import { toolMessage } from './messages.js';
import { splitReasoning } from './reasoning.js';
import type { Recorder } from './recorder.js';

export interface ToolCallDeps {
  catalog: ToolCatalog;
  observations: ObservationStore;
  recorder: Recorder;
  clock: Clock;
}

/** Runs one recorded call through the catalog; `raw` is the model's own arguments with the reasoning still on. Never throws. */
export async function runTool(
  catalog: ToolCatalog,
  name: string,
  raw: Record<string, unknown>,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  const split = splitReasoning(raw);
  if (!catalog.tools.some((tool) => tool.name === name)) {
    return refused(`There is no such tool. There are: ${catalog.tools.map((tool) => tool.name).join(', ')}.`);
  }
  if (!split.complete) {
    return refused('The call was not run: thought, hypothesis and confidence (0 to 1) are required with every call.');
  }
  return catalog.call(name, split.args, signal);
}

/** An error in our own words, as a tool would answer it. */
function refused(text: string): ToolOutcome {
  return { status: 'error', text, headline: text.slice(0, 300), truncated: false, redactions: 0, flags: [] };
}

/**
 * Runs a call that the log already holds and records its answer: the observation is stored before the event that names
 * it, so that no event ever names bytes that do not exist. Running it again after a crash is safe, all tools only read.
 */
export async function answerCall(
  deps: ToolCallDeps,
  call: { callId: string; tool: string },
  run: () => Promise<ToolOutcome>,
): Promise<ToolMessage> {
  const started = deps.clock.now().getTime();
  const outcome = await run();
  const observation = await deps.observations.put(outcome.text);
  const draft = outcome.step === undefined ? undefined : await deps.observations.put(canonicalJson(outcome.step));
  await deps.recorder.answered({
    callId: call.callId,
    status: outcome.status,
    observation,
    bytes: Buffer.byteLength(outcome.text),
    truncated: outcome.truncated,
    redactions: outcome.redactions,
    flags: outcome.flags,
    durationMs: Math.max(0, deps.clock.now().getTime() - started),
    headline: outcome.headline.slice(0, 300),
    ...(draft === undefined ? {} : { draft }),
  });
  return toolMessage(call.callId, call.tool, outcome.text, outcome.status);
}
