import type { Diagnosis, RootCause } from '../domain/diagnosis.js';
import { mentions } from './entities.js';
import type { ScenarioKey, ToolCallRecord } from './model.js';

type Expected = ScenarioKey['causes'][number];

/** `none` is how a diagnosis may write down a false alarm; a false alarm has no causes. */
export function predictedCauses(diagnosis: Diagnosis | undefined): RootCause[] {
  return (diagnosis?.causes ?? []).filter((cause) => cause.category !== 'none');
}

function names(expected: Expected, cause: RootCause): boolean {
  return expected.entity.includes(cause.entity) && cause.entity.startsWith(`${cause.component}:`);
}

function same(expected: Expected, cause: RootCause): boolean {
  return (
    expected.category === cause.category &&
    expected.component.includes(cause.component) &&
    names(expected, cause) &&
    expected.change.includes(cause.change)
  );
}

/** Every cause found and none too many: category, component, entity and change. The headline. */
export function isStrict(key: ScenarioKey, diagnosis: Diagnosis | undefined): boolean {
  if (!diagnosis) return false;
  const predicted = predictedCauses(diagnosis);
  if (predicted.length !== key.causes.length) return false;
  if (key.causes.length === 0) return diagnosis.outcome === 'no_action';
  return (
    key.causes.every((expected) => predicted.some((cause) => same(expected, cause))) &&
    predicted.every((cause) => key.causes.some((expected) => same(expected, cause)))
  );
}

/** Any entity right. Reported beside the headline, never as it. */
export function isAnyHit(key: ScenarioKey, diagnosis: Diagnosis | undefined): boolean {
  if (key.causes.length === 0) return isStrict(key, diagnosis);
  return predictedCauses(diagnosis).some((cause) => key.causes.some((expected) => names(expected, cause)));
}

/** The set of categories right. Reported beside the headline, never as it. */
export function isCategoryOnly(key: ScenarioKey, diagnosis: Diagnosis | undefined): boolean {
  if (key.causes.length === 0) return isStrict(key, diagnosis);
  const set = (items: { category: string }[]): string => [...new Set(items.map((item) => item.category))].sort().join();
  return set(predictedCauses(diagnosis)) === set(key.causes);
}

/** The calls whose stored answers the diagnosis quotes; a quote that is not in the answer cites nothing. */
export function citedCalls(diagnosis: Diagnosis | undefined, calls: readonly ToolCallRecord[]): ToolCallRecord[] {
  const quotes = diagnosis?.evidence ?? [];
  return calls.filter((call) =>
    quotes.some((quote) => quote.callId === call.callId && call.text.includes(quote.quote)),
  );
}

/** Right for a reason that was seen: each cause's entity stands in an answer that the diagnosis quotes. */
export function isGrounded(
  key: ScenarioKey,
  diagnosis: Diagnosis | undefined,
  calls: readonly ToolCallRecord[],
): boolean {
  if (!isStrict(key, diagnosis)) return false;
  const cited = citedCalls(diagnosis, calls).filter((call) => call.status === 'ok');
  if (key.causes.length === 0) return cited.length > 0;
  return predictedCauses(diagnosis).every((cause) => cited.some((call) => mentions(call.text, cause.entity)));
}
