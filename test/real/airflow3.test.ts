import { afterAll, beforeAll } from 'vitest';
import { holdTo } from '../contract/contract.js';
import { type AirflowGiven, airflowContract } from '../contract/expectations/airflow.js';
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
}, 290_000);
afterAll(() => {
  if (world !== undefined) server.flag(world.running.run);
});

holdTo(airflowContract, { name: 'airflow3', version: () => version }, () => world);
