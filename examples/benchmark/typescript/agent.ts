// A deliberately simple agent for Countersign's benchmark, on the official client library of MCP.
//
//   node dist/examples/benchmark/typescript/agent.js http://127.0.0.1:4700/mcp        a server that runs (MCP_TOKEN holds its token)
//   node dist/examples/benchmark/typescript/agent.js -- npm run -s countersign -- eval serve --scenario FILE
//
// It reads the alert, asks Airflow and Spark, retries what was lost with a machine, and hands everything else over.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

interface Alert {
  text: string;
  subject: { dag?: string; task?: string; run?: string };
  inventory: { pipelines: { dag: string; owner: string; tasks: { id: string; mode: string }[] }[] };
}

interface Said {
  /** What the tool said: this and nothing else may be quoted. */
  text: string;
  /** Id of the call, to be named by evidence. */
  call: string;
}

async function say(client: Client, name: string, args: Record<string, unknown> = {}): Promise<string[]> {
  const { content, isError } = await client.callTool({ name, arguments: args });
  const texts = (content as { text: string }[]).map(({ text }) => text);
  if (isError === true) throw new Error(texts.join('\n'));
  return texts;
}

/** A tool that fails is a fact about the platform, not the end of the agent. */
async function look(client: Client, name: string, args: Record<string, unknown>): Promise<Said> {
  const [text = '', note = ''] = await say(client, name, args).catch((error: Error) => [error.message]);
  return { text, call: /call=(\S+)/.exec(note)?.[1] ?? '' };
}

/** The line that tells most, to be quoted as evidence. */
function telling({ text, call }: Said): { call: string; quote: string }[] {
  const line = text.split('\n').find((each) => /ERROR|Exception|reason=|state=failed/.test(each));
  return line === undefined || call === '' ? [] : [{ call, quote: line.slice(0, 500) }];
}

async function investigate(client: Client): Promise<Record<string, unknown>> {
  const [brief = '{}'] = await say(client, 'get_alert');
  const { subject, inventory, text } = JSON.parse(brief) as Alert;
  const { dag, task, run } = subject;
  const pipeline = inventory.pipelines.find((each) => each.dag === dag);
  const escalate = (reason: string): unknown[] => [{ do: 'escalate', team: pipeline?.owner ?? 'oncall', reason }];
  if (dag === undefined || run === undefined) return { causes: [], plan: escalate(text), report: text };

  const status = await look(client, 'airflow_dag_status', {
    dag_id: dag,
    run_id: run,
    thought: 'Does the alert still stand?',
  });
  if (status.text.includes(`run id=${run} state=success`)) {
    return { causes: [], evidence_ids: [status.call], plan: [{ do: 'none', reason: 'The run has passed meanwhile.' }] };
  }
  const spark = await look(client, 'spark_job_logs', {
    app: `${dag}.${task ?? ''}`,
    thought: 'Why did the task fail?',
  });
  const evidence = [...telling(status), ...telling(spark)];
  const node = /(?:Preempt|Evict|NodeLost|node (?:was )?lost)[^\n]*?\bnode[=/ ]([\w.-]+)/i.exec(spark.text)?.[1];
  const appends = pipeline?.tasks.some((each) => each.id === task && each.mode === 'append');
  if (node === undefined || appends === true) {
    return { causes: [], evidence, plan: escalate('The cause is not known.'), report: `${text}: handed over.` };
  }
  const cause = { category: 'executor_failure', component: 'k8s', entity: `k8s:node/${node}`, change: 'node_lost' };
  return {
    causes: [cause],
    evidence,
    plan: [{ do: 'retry', dag, run }],
    report: `${node} was lost; the run is repeated.`,
  };
}

function transportOf([first, ...rest]: string[]): StdioClientTransport | StreamableHTTPClientTransport {
  if (first === '--' && rest[0] !== undefined) {
    const [command, ...args] = rest as [string, ...string[]];
    return new StdioClientTransport({ command, args, env: getDefaultEnvironment() });
  }
  if (first === undefined || !URL.canParse(first)) throw new Error('usage: agent.js URL | agent.js -- COMMAND...');
  const token = process.env['MCP_TOKEN'];
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return new StreamableHTTPClientTransport(new URL(first), { requestInit: { headers } });
}

const client = new Client({ name: 'simple-agent', version: '1.0.0' });
try {
  await client.connect(transportOf(process.argv.slice(2)));
  const answer = await investigate(client);
  const [accepted = ''] = await say(client, 'submit_answer', answer);
  console.log(`${accepted}: ${JSON.stringify(answer)}`);
} finally {
  await client.close();
}
