import { RULES, type RuleId, type RuleSeverity } from './rules.js';

/** A place in the text that a person wrote: lines and columns from 1, columns in UTF-16 units as editors count them. */
export interface Place {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** One thing that a check found. What is untrusted in `message` is quoted and short; whoever shows it escapes it. */
export interface Finding {
  rule: RuleId;
  severity: RuleSeverity;
  /** Where in the config, as `transformers.0.sql`; empty for the whole. */
  path: string;
  place: Place | undefined;
  message: string;
  /** The nearest thing that would be right. */
  suggestion: string | undefined;
}

export interface FindingParts {
  path?: string;
  place?: Place | undefined;
  message: string;
  suggestion?: string | undefined;
}

/** A finding with the severity that the catalogue gives its rule: no caller can choose another. */
export function finding(rule: RuleId, parts: FindingParts): Finding {
  return {
    rule,
    severity: RULES[rule].severity,
    path: parts.path ?? '',
    place: parts.place,
    message: parts.message,
    suggestion: parts.suggestion,
  };
}

/** Nothing stands in the way of the next layer: questions, warnings and reviews do not. */
export function isSound(findings: readonly Finding[]): boolean {
  return !findings.some(({ severity }) => severity === 'error' || severity === 'block');
}
