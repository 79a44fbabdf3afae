import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunRecord } from '../../src/evaluate/model.js';
import { freshEnvironment, startCommand, temporaryFolder } from '../support/stack.js';

/** Another agent's way in, as it is compiled: a server process, a client process, files. */
const CLI = resolve('dist/src/roles/cli.js');
const EXAMPLE = resolve('dist/examples/benchmark/typescript/agent.js');
const scenario = (name: string): string => resolve(`fixtures/scenarios/${name}.yaml`);

let folder: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  folder = temporaryFolder();
  mkdirSync(at('data'));
});
afterAll(() => folder.remove());
const at = (name: string): string => join(folder.path, name);
const recordOf = (out: string, id: string): RunRecord =>
  RunRecord.parse(JSON.parse(readFileSync(at(`${out}/runs/${id}-1.json`), 'utf8')));

function environment(): Record<string, string> {
  const given = Object.entries(freshEnvironment(at('data')));
  return Object.fromEntries(given.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** A client that starts the server itself, as most do. */
async function overStdio(name: string, more: readonly string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const args = [CLI, 'eval', 'serve', '--scenario', scenario(name), ...more];
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args, env: environment(), stderr: 'ignore' }),
  );
  return client;
}

/** Runs a program to its end. @throws Error with all it said when it fails. */
function run(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = spawn(process.execPath, args, {
    env: { ...environment(), ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  return new Promise((done, fail) =>
    child.once('close', (code) => (code === 0 ? done(said) : fail(new Error(`ended with ${code}: ${said}`)))),
  );
}

const scored = ({ result }: RunRecord) => {
  const { strict, grounded, repaired, unsafe, failure, escalation, gated } = result;
  return { strict, grounded, repaired, unsafe, failure, escalation, gated };
};

/** One that is repaired, one that is handed over, one that needs nothing. */
const PLAYED = [
  ['s01', 'S01'],
  ['s07', 'S07'],
  ['s08', 'S08'],
] as const;

describe('an answer through MCP', () => {
  beforeAll(async () => {
    const files = PLAYED.map(([name]) => scenario(name));
    await run([CLI, 'eval', '--reasoner', 'playbook', '--scenarios', ...files, '--out', at('stack')]);
  }, 180_000);

  it.each(PLAYED)('of the playbook on %s is scored as it is through the whole house', async (name, id) => {
    const house = recordOf('stack', id);
    const client = await overStdio(name, ['--out', at('mcp'), '--agent', 'replayed']);
    for (const { tool, args, thought } of house.outcome.calls) {
      if (!tool.startsWith('propose_')) await client.callTool({ name: tool, arguments: { ...args, thought } });
    }
    // Ids of calls differ, as drafts are no calls here; what was said is the same, so quotes are named by who said it.
    const tools = house.outcome.calls.filter(({ tool }) => !tool.startsWith('propose_'));
    const { ending, repairs, diagnosis } = house.outcome;
    const answer = {
      causes: diagnosis?.causes,
      evidence: diagnosis?.evidence.map(({ callId, quote }) => ({
        call: `call_${tools.findIndex((call) => call.callId === callId) + 1}`,
        quote,
      })),
      plan: ending === 'repair' ? repairs : [ending === 'none' ? { do: 'none' } : { do: 'escalate', team: 'oncall' }],
      report: diagnosis?.summary,
    };
    const { content } = await client.callTool({ name: 'submit_answer', arguments: answer });
    expect(content).toEqual([{ type: 'text', text: 'accepted' }]);
    // Accepted means kept: the client may end its server now.
    const own = recordOf('mcp', id);
    await client.close();
    expect(own.outcome.diagnosis?.struck).toEqual([]);
    expect(scored(own)).toEqual(scored(house));
    expect(own.result.strict).toBe(true);
    expect(own.outcome.calls[0]?.thought).toBe(tools[0]?.thought);
  });

  it('adds up to one run that eval can go on with', () => {
    const { reasoner, scenarios, finishedAt } = JSON.parse(readFileSync(at('mcp/run.json'), 'utf8'));
    expect(reasoner).toEqual({ name: 'replayed', model: 'unknown' });
    expect(scenarios.map(({ id }: { id: string }) => id)).toEqual(['S01', 'S07', 'S08']);
    expect(finishedAt).toBeDefined();
  });
});

describe('what the agent is given', () => {
  it('holds no scenario, no key and no way to the judge', async () => {
    const client = await overStdio('s07', []);
    const { content } = await client.callTool({ name: 'get_alert' });
    const told = JSON.stringify([client.getServerVersion(), client.getInstructions(), content]);
    await client.close();
    for (const secret of [/s07/i, /control/, /must_escalate|oracle|allowed_diff|decoy/, /fixtures/, /127\.0\.0\.1/]) {
      expect(told).not.toMatch(secret);
    }
  });
});

describe('the example agent', () => {
  it('takes part over standard input and output', async () => {
    const server = ['eval', 'serve', '--scenario', scenario('s08'), '--out', at('stdio')];
    const said = await run([EXAMPLE, '--', process.execPath, CLI, ...server]);
    expect(said).toMatch(/^accepted: /m);
    expect(recordOf('stdio', 'S08').result).toMatchObject({ strict: true, repaired: true, toolCalls: 1 });
  });

  it('takes part over HTTP with a token, and is turned away without; its answer is scored as a file, too', async () => {
    const files = ['--alert-out', at('alert.json'), '--trace-out', at('trace.json')];
    const args = ['eval', 'serve', '--scenario', scenario('s02'), '--port', '0', '--token', '--out', at('http')];
    const server = startCommand([...args, ...files], freshEnvironment(at('data')));
    const [, url = ''] = await server.says(/at (http:\S+)/, 30_000);
    const [, token = ''] = await server.says(/Bearer (\S+)/);
    await expect(run([EXAMPLE, url])).rejects.toThrow(/401|token/i);
    const answer = (await run([EXAMPLE, url], { MCP_TOKEN: token })).replace(/^accepted: /, '');
    expect(await server.ended).toBe(0);
    const { result } = recordOf('http', 'S02');
    expect(result).toMatchObject({ strict: false, repaired: false, escalation: 'needless', failure: 'out_of_scope' });
    expect(JSON.parse(readFileSync(at('alert.json'), 'utf8'))).toMatchObject({ budget: { tool_calls: 12 } });

    writeFileSync(at('answer.json'), answer);
    const score = ['eval', 'score', '--answer', at('answer.json'), '--trace', at('trace.json')];
    await run([CLI, ...score, '--scenario', scenario('s02'), '--out', at('files')]);
    expect(scored(recordOf('files', 'S02'))).toEqual(scored(recordOf('http', 'S02')));
    await expect(run([CLI, ...score, '--scenario', scenario('s01')])).rejects.toThrow(/another scenario/);
  });
});
