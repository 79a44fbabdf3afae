import { describe, expect, it } from 'vitest';
import { loadScenarios } from '../../fixtures/platform/scenario-set.js';
import { createPlaybookReasoner } from '../../src/investigate/playbook/reasoner.js';
import { investigateScenario } from '../support/agent-scenario.js';

/** Those that the procedures were written with. Held-out ones measure the playbook and are asked nothing of here. */
const DEV = loadScenarios('fixtures/scenarios')
  .filter(({ scenario }) => scenario.split === 'dev')
  .map(({ name }) => name);

describe('the playbook against the scenarios of split dev, through the real tools and adapters', () => {
  it.each(DEV)('%s: the exact causes, grounded, and a plan that holds', async (name) => {
    const run = await investigateScenario(name, createPlaybookReasoner());
    expect(run.verdict.failures).toEqual([]);
    expect(run).toMatchObject({ strict: true, grounded: true, changes: [] });
    expect(run.verdict).toMatchObject({ passed: true, unsafe: false });
    expect(run.calls.length).toBeLessThanOrEqual(12);
    expect(run.incident.diagnosis?.struck).toEqual([]);
  });

  it('reads like the published story in the sample incident', async () => {
    const { incident, calls } = await investigateScenario('s01', createPlaybookReasoner());
    const steps = calls.map(({ tool, args }) => [tool, args] as const);
    expect(steps).toContainEqual(['schema_registry_diff', { source: 'core_banking.transactions', since: '24h' }]);
    expect(steps).toContainEqual([
      'git_blame',
      { file: 'dags/transactions/transform.py', lines: 'merchant_subcategory' },
    ]);
    expect(incident.calls.map(({ call }) => call.thought).join('\n')).toContain(
      'A missing column. First the registry: did the source change its contract?',
    );
    expect(calls.find(({ tool }) => tool === 'git_blame')?.text).toContain('age=47d');
    const proposal = incident.proposals[0]?.proposal;
    expect(proposal?.steps.map(({ action }) => action.do)).toEqual(['schema_evolution', 'retry']);
    expect(proposal?.attachments[0]?.diff).toContain('F.col("merchant_subcategory_v2")');
  });

  it('gives the same names another seed, and the same answers', async () => {
    const run = await investigateScenario('s02', createPlaybookReasoner(), { seed: 7 });
    expect(run).toMatchObject({ strict: true, grounded: true });
  });
});
