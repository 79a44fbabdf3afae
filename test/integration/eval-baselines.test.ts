import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { RunManifest, RunRecord } from '../../src/evaluate/model.js';
import { type ChatReply, type ChatRequest, type OpenAiServer, startOpenAiServer } from '../support/openai-server.js';
import { countersign, freshEnvironment, temporaryFolder } from '../support/stack.js';

/** The configured model without a loop, through the real client of the model's API: one question, one answer, judged by replay. */
let folder: ReturnType<typeof temporaryFolder>;
let model: OpenAiServer | undefined;
beforeAll(() => {
  folder = temporaryFolder();
});
afterEach(() => model?.stop());
afterAll(() => folder.remove());

async function play(name: string, reply: (request: ChatRequest) => ChatReply, kept = name) {
  model = await startOpenAiServer(reply);
  const out = join(folder.path, kept);
  const environment = freshEnvironment(folder.path, {
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: 'a key of this test',
    OPENAI_MODEL: 'gpt-test',
  });
  const args = ['eval', '--reasoner', name, '--scenarios', join(process.cwd(), 'fixtures/scenarios/s01.yaml')];
  const { code, err } = await countersign([...args, '--out', out], environment);
  const read = (file: string): unknown => JSON.parse(readFileSync(join(out, file), 'utf8'));
  return {
    ...{ code, err, requests: model.requests },
    record: RunRecord.parse(read('runs/S01-1.json')),
    manifest: RunManifest.parse(read('run.json')),
  };
}

const textOf = ({ messages }: ChatRequest): string => messages.map(({ content }) => content ?? '').join('\n');
const conclude = (args: Record<string, unknown>): ChatReply => ({ calls: [{ name: 'conclude', args }] });
const CAUSE = {
  category: 'schema_drift',
  component: 'registry',
  entity: 'registry:core_banking.transactions',
  change: 'column_renamed',
  claim: 'The source renamed a column.',
};

it('alert_only asks once, gives nothing to read, and takes the steps of the plan as they are written', async () => {
  const { code, record, manifest, requests } = await play('alert_only', () =>
    conclude({ outcome: 'escalate', causes: [{ ...CAUSE, evidence: [] }], summary: 'A guess.', confidence: 0.6 }),
  );
  expect(code).toBe(0);
  expect(requests).toHaveLength(1);
  expect(requests[0]?.tools.map(({ function: { name } }) => name)).toEqual(['conclude']);
  expect(textOf(requests[0] as ChatRequest)).toMatch(/Tie-breaks/);
  expect(textOf(requests[0] as ChatRequest)).not.toMatch(/merchant_subcategory/);
  expect(manifest.reasoner).toEqual({ name: 'alert_only', model: 'gpt-test' });
  expect(record.outcome).toMatchObject({ ending: 'escalate', calls: [], inputTokens: 1200, outputTokens: 80 });
  expect(record.result).toMatchObject({ strict: true, grounded: false, repaired: false, escalation: 'needless' });
  expect(record.result.costUsd).toBeGreaterThan(0);
});

it('all_at_once reads all seven tools once, in one question, and its quotes are checked', async () => {
  const { code, record, requests } = await play('all_at_once', (request) => {
    const text = textOf(request);
    const call = /## (call_\d+): schema_registry_diff/.exec(text)?.[1] ?? '';
    const quote = /change from_version=3 to_version=4[^\n]*/.exec(text)?.[0] ?? '';
    const run = /\brun id=(\S+) state=failed/.exec(text)?.[1] ?? '';
    const made = { call, quote: quote.replace('column_renamed', 'column_Renamed') };
    return conclude({
      ...{ outcome: 'repair', summary: 'Renamed.', confidence: 0.9, evidence: [made] },
      causes: [{ ...CAUSE, evidence: [{ call, quote }] }],
      plan: [{ do: 'retry', dag: 'daily_transactions', run }],
    });
  });
  expect(code).toBe(0);
  expect(requests).toHaveLength(1);
  expect(record.outcome.calls.map(({ tool, status }) => [tool, status])).toEqual([
    ['airflow_dag_status', 'ok'],
    ['spark_job_logs', 'ok'],
    ['delta_history', 'ok'],
    ['kyuubi_query_plan', expect.stringMatching(/ok|no_data/)],
    ['schema_registry_diff', 'ok'],
    ['git_blame', 'ok'],
    ['metric_query', 'ok'],
  ]);
  for (const { text } of record.outcome.calls) expect(textOf(requests[0] as ChatRequest)).toContain(text);
  expect(record.outcome.diagnosis?.evidence).toHaveLength(1);
  expect(record.outcome.diagnosis?.struck).toHaveLength(1);
  // The diagnosis is right and the plan only repeats the failure: replayed, and not believed.
  expect(record.result).toMatchObject({ strict: true, grounded: true, repaired: false, failure: 'repair_only' });
});

it('sets a model that fails apart, as the failure is not its judgement', async () => {
  const { code, record } = await play('alert_only', () => ({ status: 400 }), 'failed');
  expect(code).toBe(4);
  expect(record.result.failure).toBe('infra');
  expect(record.outcome.infraError).toMatch(/openai gave no usable answer/);
});
