import { afterAll, beforeAll } from 'vitest';
import { holdTo } from '../contract/contract.js';
import { airflow2Contract } from '../contract/expectations/airflow.js';
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
} from './airflow/world.js';
import { addressOf } from './up.js';

let server: AirflowServer;
let world: AirflowGiven;
let version = '';

beforeAll(async () => {
  const address = await addressOf('airflow2');
  version = address.version;
  server = airflowServer('2', address);
  await deployDags(server);
  const scheduled = await scheduledRun(server);
  const broken = await server.trigger('cs_orders', 'm');
  const mended = await server.trigger('cs_orders', 'br');
  const chatter = await server.trigger('cs_chatter', 'c');
  const brokenDag = await breakDag(server);
  for (const [dag, run] of [
    ['cs_orders', broken],
    ['cs_orders', mended],
    ['cs_chatter', chatter],
  ] as const)
    await server.untilRun(dag, run);
  server.flag(mended);
  // Over SQLite one task runs at a time: this one goes last, and ends when the contract waits for another.
  const running = await server.trigger('cs_sleeper', 'r');
  await server.untilTask('cs_sleeper', running, 'wait', 'running');
  const none = { dag: 'cs_deaths', run: 'not looked at in Airflow 2', task: 'killed' };
  world = {
    ...connectionsTo(server),
    ...ORDERS,
    dag: {
      dag: 'cs_orders',
      paused: false,
      owners: ['payments-data'],
      // Its API knows no path below the folder of DAGs.
      file: `${address['dags']}/cs_orders.py`,
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
    killed: none,
    stopped: none,
    lost: none,
    async settle(dag, run) {
      server.flag(running);
      await server.untilRun(dag, run);
    },
  };
  // One task at a time, each in a new process of several seconds.
}, 900_000);
afterAll(() => {
  if (world !== undefined) server.flag(world.running.run);
});

holdTo(airflow2Contract, { name: 'airflow2', version: () => version }, () => world);

describeCallback(
  () => server,
  [{ dag: 'cs_callback', tells: /^ValueError: column merchant_subcategory is not in the file$/, most: 1 }],
);
