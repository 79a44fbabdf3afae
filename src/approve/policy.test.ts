import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError } from '../domain/errors.js';
import { parsePolicy } from './policy.js';

function refusal(yaml: string): AppError {
  try {
    parsePolicy(yaml);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('the policy was taken');
}

describe('parsePolicy', () => {
  it('takes the policy that ships', () => {
    const { policy, digest } = parsePolicy(readFileSync('policy.yaml', 'utf8'));
    expect(policy.approvers.risk.low).toContain('@oncall');
    expect(policy.fourEyes.high).toBe(2);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('gives nobody any right by default', () => {
    expect(parsePolicy('version: 1').policy.approvers).toEqual({ risk: {}, kind: {} });
  });

  it('has one digest for one meaning', () => {
    const one = parsePolicy('version: 1\nexpiryMinutes: 60\ncaps: { b: 2, a: 1 }');
    const same = parsePolicy('# a comment\ncaps:\n  a: 1\n  b: 2\nversion: 1');
    expect(same.digest).toBe(one.digest);
    expect(parsePolicy('version: 1\nexpiryMinutes: 61').digest).not.toBe(one.digest);
  });

  it.each([
    ['', 'version', 'version: 1'],
    ['version: 2', 'version', 'version: 1'],
    ['version: 1\nversoin: 1', 'versoin', 'the fields are version, groups'],
    ['version: 1\napprovers:\n  risk:\n    lowest: [a]', 'approvers.risk.lowest', 'trivial, low, medium, high'],
    ['version: 1\napprovers:\n  risk:\n    low: ana@example.com', 'approvers.risk.low', 'e.g. `low: ["@oncall"]`'],
    ['version: 1\napprovers:\n  risk:\n    low: ["@onkall"]', 'approvers.risk.low[0]', 'define it under groups'],
    ['version: 1\napprovers: { kind: { drop: [a] } }', 'approvers.kind.drop', 'schema_evolution'],
    ['version: 1\napprovers: { risk: { low: ["*"] } }', 'approvers.risk.low[0]', 'list the people'],
    ['version: 1\ngroups: { a: [x], b: ["@a"] }', 'groups.b[0]', 'write the people themselves'],
    ['version: 1\nfourEyes: { high: 1 }', 'fourEyes.high', 'from 2 to 5'],
    ['version: 1\napprovers: { risk: { high: [A@x, a@X] } }', 'approvers.risk.high', 'add people'],
    [
      'version: 1\nfreezes: [{ from: 2026-12-27T00:00:00Z, to: 2026-12-24T00:00:00Z, reason: x }]',
      'freezes[0]',
      'swap',
    ],
    ['version: 1\nfreezes: [{ from: christmas, to: 2026-12-24T00:00:00Z, reason: x }]', 'freezes[0].from', 'in UTC'],
    ['version: 1\ncaps: { a: -1 }', 'caps.a', 'highest number'],
    ['version: 1\nagent: { maxToolCalls: 25 }', 'agent.maxToolCalls', '1 to 24'],
  ])('refuses %j naming the field and the fix', (yaml, field, fix) => {
    const error = refusal(yaml);
    expect(error.kind).toBe('misconfigured');
    expect(error.field).toBe(field);
    expect(error.safeText).toContain(fix);
  });

  it('says the line, also of what is not YAML', () => {
    expect(refusal('version: 1\napprovers:\n  risk:\n    low: ["@ghosts"]').safeText).toContain('(line 4)');
    expect(refusal('version: 1\ngroups: [').safeText).toContain('line 2');
  });

  it('names every fault, not only the first', () => {
    const { safeText } = refusal('version: 1\nexpiryMinutes: 0\nminimumCheckLength: 0');
    expect(safeText).toContain('expiryMinutes');
    expect(safeText).toContain('minimumCheckLength');
  });
});
