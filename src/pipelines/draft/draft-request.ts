import { type CheckReport, checkConfig } from '../check-config.js';
import { withWritten } from '../checks/written-datasets.js';
import { checkAgainstCard } from './card-checks.js';
import { draftConfig } from './draft-config.js';
import { type RequestReading, readRequest } from './request.js';
import type { RequestOptions } from './request-options.js';

export interface DraftedRequest extends RequestReading {
  /** The config as YAML, where the outcome is `draft`. */
  text: string | undefined;
  /** All checks that need no run, over that text. */
  report: CheckReport | undefined;
}

/**
 * From a request to a checked config without a model. A draft that a check forbids is none: what is blocked is refused, what a person
 * must write goes to review, and an error goes back to the asker.
 */
export function draftRequest(request: string, options: RequestOptions): DraftedRequest {
  const { catalog } = withWritten(options.catalog, options.portfolio);
  const reading = readRequest(request, { ...options, catalog });
  if (reading.outcome !== 'draft' || reading.card === undefined)
    return { ...reading, text: undefined, report: undefined };
  const { text, findings } = draftConfig(reading.card, catalog);
  if (text === undefined)
    return { ...reading, outcome: 'ask', findings: [...reading.findings, ...findings], text, report: undefined };
  const report = checkConfig(text, {
    catalog: options.catalog,
    others: options.portfolio,
    team: options.author?.team,
    request,
  });
  const held = report.read && report.bound ? checkAgainstCard(report.read, report.bound, reading.card) : [];
  const found = [...report.findings, ...held];
  const all = [...reading.findings, ...found.filter(({ rule }) => rule !== 'MON001')];
  const has = (severity: string): boolean => found.some((each) => each.severity === severity);
  const outcome = has('block') ? 'refuse' : has('error') ? 'ask' : has('review') ? 'review' : 'draft';
  return { ...reading, outcome, findings: all, text: outcome === 'draft' ? text : undefined, report };
}
