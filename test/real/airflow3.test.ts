import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdTo } from '../contract/contract.js';
import { airflowContract } from '../contract/expectations/airflow.js';
import type { AirflowGiven } from '../contract/expectations/airflow-given.js';
import { describeCallback } from './airflow/callback.js';
import {
  type AirflowServer,
  airflowServer,
  breakDag,
  connectionsTo,
  deployDags,
  ORDERS,
  scheduledRun,
  until,
} from './airflow/world.js';
import { addressOf } from './up.js';

let server: AirflowServer;
let world: AirflowGiven;
let version = '';

beforeAll(async () => {
  const address = await addressOf('airflow3');
  version = address.version;
  server = airflowServer('3', address);
  await deployDags(server);
  const scheduled = await scheduledRun(server);
  const [broken, mended, deaths, lost, chatter, running, stopped] = [
    await server.trigger('cs_orders', 'm'),
    await server.trigger('cs_orders', 'br'),
    await server.trigger('cs_deaths', 'd'),
    await server.trigger('cs_orphan', 'o'),
    await server.trigger('cs_chatter', 'c'),
    await server.trigger('cs_sleeper', 'r'),
    await server.trigger('cs_sleeper', 'st'),
  ];
  const brokenDag = await breakDag(server);
  await server.untilTask('cs_sleeper', stopped, 'wait', 'running');
  const wait = `/dags/cs_sleeper/dagRuns/${encodeURIComponent(stopped)}/taskInstances/wait`;
  await server.ask('PATCH', wait, { new_state: 'failed' });
  await server.untilTask('cs_sleeper', running, 'wait', 'running');
  for (const [dag, run] of [
    ['cs_orders', broken],
    ['cs_orders', mended],
    ['cs_deaths', deaths],
    ['cs_chatter', chatter],
    ['cs_orphan', lost],
  ] as const)
    await server.untilRun(dag, run);
  server.flag(mended);
  world = {
    ...connectionsTo(server),
    ...ORDERS,
    dag: {
      dag: 'cs_orders',
      paused: false,
      owners: ['payments-data'],
      file: 'cs_orders.py',
      schedule: '0 2 * * *',
      importErrors: [],
    },
    brokenDag: { dag: brokenDag, tells: "No module named 'rio_stac'" },
    runs: { scheduled, manual: broken },
    broken: { dag: 'cs_orders', run: broken },
    mended: { dag: 'cs_orders', run: mended },
    running: { dag: 'cs_sleeper', run: running, task: 'wait' },
    chatter: {
      dag: 'cs_chatter',
      run: chatter,
      task: 'talk',
      tells: 'Java heap space',
      last: 'the last thing it said',
    },
    killed: { dag: 'cs_deaths', run: deaths, task: 'killed' },
    stopped: { dag: 'cs_sleeper', run: stopped, task: 'wait' },
    lost: { dag: 'cs_orphan', run: lost, task: 'orphan' },
    settle: async (dag, run) => void (await server.untilRun(dag, run)),
  };
}, 580_000);
afterAll(() => {
  if (world !== undefined) server.flag(world.running.run);
});

holdTo(airflowContract, { name: 'airflow3', version: () => version }, () => world);

describeCallback(
  () => server,
  [
    { dag: 'cs_callback', tells: /^ValueError: column merchant_subcategory is not in the file$/, most: 1 },
    // Nobody is left in the task's process: Airflow itself calls back, for the missed heartbeat and for what its executor says.
    { dag: 'cs_callback_orphan', tells: /heartbeat|timeout|terminated|^$/i, most: 2 },
  ],
);

describe('a run of versioned DAGs', () => {
  it('is cleared onto the commit that repaired it, not the one it began with', async () => {
    const { reader, writer } = connectionsTo(server);
    const dag = 'cs_versioned';
    const commit = (column: string): void => {
      const cwd = server.address['repository'] ?? '';
      const file = join(cwd, `${dag}.py`);
      const now = `# ${new Date().toISOString()}`;
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^COLUMN = .*$/m, `COLUMN = "${column}"  ${now}`));
      const identity = ['-c', 'user.name=Data Platform', '-c', 'user.email=platform@example.com'];
      execFileSync('git', [...identity, 'commit', '-qam', `Read ${column}`], { cwd });
    };
    const head = (): string =>
      execFileSync('git', ['rev-parse', 'HEAD'], { cwd: server.address['repository'], encoding: 'utf8' }).trim();
    const untilDeployed = (): Promise<unknown> =>
      until(`${dag} is at ${head()}`, async () => {
        const { bundle_version: at } = await server.ask<{ bundle_version: string }>('GET', `/dags/${dag}`);
        return at === head() || undefined;
      });

    commit('merchant_subcategory');
    await untilDeployed();
    const run = await server.trigger(dag, 'v');
    expect(await server.untilRun(dag, run)).toBe('failed');
    commit('merchant_subcategory_v2');
    await untilDeployed();
    await writer.clear(dag, run, ['load'], false);
    expect(await server.untilRun(dag, run)).toBe('success');
    expect(await reader.taskLog(dag, run, 'load', 1, 20_000)).toContain(
      'column merchant_subcategory is not in the file',
    );
  }, 240_000);
});
