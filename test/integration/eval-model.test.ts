import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/evaluate/model.js';
import { type ChatReply, type OpenAiServer, startOpenAiServer } from '../support/openai-server.js';
import { countersign, freshEnvironment, temporaryFolder } from '../support/stack.js';

/** The benchmark with a model behind an API: what its failures and its price do to a run. */
const SET = resolve(import.meta.dirname, '../../fixtures/scenarios/s0[78].yaml');
const HANDS_OVER: ChatReply = {
  calls: [{ name: 'conclude', args: { outcome: 'escalate', causes: [], summary: 'Not for me.', confidence: 0.9 } }],
};

const folder = temporaryFolder();
const out = join(folder.path, 'out');
let server: OpenAiServer;
let works = false;
beforeAll(async () => {
  server = await startOpenAiServer(() => (works ? HANDS_OVER : { status: 400 }));
});
afterAll(async () => {
  await server.stop();
  folder.remove();
});

const evaluate = (...args: string[]) =>
  countersign(
    ['eval', '--out', out, '--concurrency', '1', ...args],
    freshEnvironment(folder.path, { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: 'a key of this test' }),
  );
const records = (): RunRecord[] =>
  readdirSync(join(out, 'runs'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(out, 'runs', file), 'utf8')) as RunRecord);

describe('a model that is examined', { timeout: 240_000 }, () => {
  it('is not credited with what the playbook did in its place: the run is tried again, and then set apart', async () => {
    const { code, err } = await evaluate('--reasoner', 'gpt-4.1', '--scenarios', SET, '--split', 'dev');
    expect(code).toBe(4);
    expect(err).toMatch(/S07#1 +set apart: playbook took over from openai/);
    expect(records().map(({ result }) => result.failure)).toEqual(['infra', 'infra']);
  });

  it('is asked again when the run is gone on with, and only as long as the budget lasts', async () => {
    works = true;
    const { code, err } = await evaluate('--budget', '0.001');
    expect(code).toBe(4);
    expect(err).toContain('1 of 2 runs are missing, as the budget of $0.001 is used up');
    const [first, second] = records();
    expect(first).toMatchObject({ result: { escalation: 'right' }, outcome: { ending: 'escalate' } });
    expect(first?.outcome.costUsd).toBeGreaterThan(0.001);
    expect(second?.result.failure).toBe('infra');
    const rest = await evaluate();
    expect([rest.code, records()[1]?.result.failure]).toEqual([0, 'out_of_scope']);
    expect(server.requests.at(-1)?.model).toBe('gpt-4.1');
  });
});
