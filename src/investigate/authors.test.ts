import { describe, expect, it } from 'vitest';
import type { Evidence, RootCause } from '../domain/diagnosis.js';
import type { ObservationStore } from '../domain/ports.js';
import type { ProposalStep } from '../domain/proposal.js';
import { authorsOfCause } from './authors.js';

const OBSERVATION = [
  'commit sha=aaaaaaaaaaaa author=ana email=ana@example.com at=2026-01-01T00:00:00Z summary="Fewer partitions"',
  'commit sha=bbbbbbbbbbbb author="Ben <ben@example.com>" at=2026-01-01T00:00:00Z',
  'commit sha=cccccccccccc author=carl at=2026-01-01T00:00:00Z',
].join('\n');
const observations = { get: async () => OBSERVATION } as unknown as ObservationStore;
const cause = { category: 'config_regression' } as RootCause;
const quoted = (sha: string): Evidence =>
  ({ tool: 'git_blame', observation: 'o1', quote: `commit sha=${sha}` }) as Evidence;

describe('authorsOfCause', () => {
  it.each([
    ['aaaaaaaaaaaa', 'ana@example.com'],
    ['bbbbbbbbbbbb', 'ben@example.com'],
    ['cccccccccccc', 'carl'],
  ])('names the author of the quoted commit %s by the address that the history gives', async (sha, author) => {
    expect(await authorsOfCause([cause], [quoted(sha)], [], observations)).toEqual([author]);
  });

  it('takes no hidden address for a person, and adds no name where a step knows the address', async () => {
    const hidden = { get: async () => OBSERVATION.replace('ana@example.com', '<EMAIL:10e3>') };
    const store = hidden as unknown as ObservationStore;
    const step = { authors: ['ana@example.com'] } as unknown as ProposalStep;
    expect(await authorsOfCause([cause], [quoted('aaaaaaaaaaaa')], [], store)).toEqual(['ana']);
    expect(await authorsOfCause([cause], [quoted('aaaaaaaaaaaa')], [step], store)).toEqual(['ana@example.com']);
  });

  it('names nobody for a cause that is no change of ours', async () => {
    const other = { category: 'schema_drift' } as RootCause;
    expect(await authorsOfCause([other], [quoted('aaaaaaaaaaaa')], [], observations)).toEqual([]);
  });
});
