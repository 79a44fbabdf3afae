import { afterAll, beforeAll } from 'vitest';
import { createAirflowReader } from '../../adapters/airflow/read.js';
import { createAirflowWriter } from '../../adapters/airflow/write.js';
import { createHttpClient } from '../../adapters/http/client.js';
import { startPlatformOf, type TestPlatform } from '../support/platform.js';
import { holdTo } from './contract.js';
import { airflowContract } from './expectations/airflow.js';
import type { AirflowGiven } from './expectations/airflow-given.js';
import { spoiltTokens } from './expectations/spoilt-tokens.js';

const LINES = 6000;
const AT = '2026-11-23';
const SCHEDULED = `scheduled__${AT}T02:00:00+00:00`;
const MANUAL = `manual__${AT}T03:00:00+00:00`;
const EXCEPTION = 'ValueError: column merchant_subcategory is not in the file';

const talk = Array.from({ length: LINES }, (_, index) =>
  index === LINES / 2 ? 'Caused by: java.lang.OutOfMemoryError: Java heap space' : `line ${index} of the task`,
);
const orders = {
  owner: 'payments-data',
  past_runs: 0,
  tasks: {
    extract: {},
    load: { after: ['extract'], retries: 1 },
    publish: { after: ['load'] },
    audit: {},
    part: { retries: 0, mapped: { count: 3, failing: [1] } },
  },
};
const failed = {
  extract: 'success',
  load: 'failed',
  publish: 'upstream_failed',
  audit: 'skipped',
  part: 'failed',
};
const alone = (task: string, state: string, rest = {}) => ({
  past_runs: 0,
  runs: { [MANUAL]: { [task]: { state, tries: 1 } } },
  tasks: { [task]: { retries: 0, ...rest } },
});
const rule = (task: string, error: string, rest = {}) => ({ task, fail_if: "kafka['ready'] == 0", error, ...rest });

/** JSON is YAML: a world with the failures that the contract speaks of. */
const SCENARIO = JSON.stringify({
  id: 'S99',
  format: 1,
  canary: 'countersign-benchmark:6f1d2c0e-9b7a-4e53-8a51-3d0c7be2f914',
  split: 'dev',
  family: 'contract',
  provenance: ['https://airflow.apache.org'],
  alert: { at: `${AT}T04:00:00Z`, monitor: 'contract', text: 'orders failed', labels: { dag: 'orders', run: MANUAL } },
  world: {
    kafka: { ready: 0 },
    airflow: {
      orders: { ...orders, schedule: '0 2 * * *', runs: { [SCHEDULED]: failed, [MANUAL]: failed } },
      orders_mended: { ...orders, runs: { [MANUAL]: failed } },
      sleeper: alone('wait', 'running', { seconds: 3600 }),
      chatter: alone('talk', 'failed'),
      deaths: {
        past_runs: 0,
        runs: { [MANUAL]: { killed: 'failed', stopped: 'failed', lost: 'failed' } },
        tasks: { killed: { retries: 0 }, stopped: { retries: 0 }, lost: { retries: 0 } },
      },
      at_rest: { paused: true, past_runs: 0, tasks: { nothing: {} } },
      unreadable: {
        past_runs: 0,
        tasks: { nothing: {} },
        import_error: "Traceback (most recent call last):\nModuleNotFoundError: No module named 'rio_stac'\n",
      },
    },
  },
  rules: [
    rule('orders.load', EXCEPTION),
    rule('orders.part', 'RuntimeError: part 1 is missing'),
    { ...rule('orders_mended.load', EXCEPTION), fail_if: "kafka['ready'] == 1" },
    { ...rule('orders_mended.part', 'RuntimeError: part 1 is missing'), fail_if: "kafka['ready'] == 1" },
    rule('chatter.talk', 'RuntimeError: the last thing it said', { log: talk.join('\n') }),
    rule('deaths.killed', 'Killed', { ending: 'killed' }),
    rule('deaths.stopped', 'Stopped', { ending: 'stopped' }),
    rule('deaths.lost', 'Lost', { ending: 'lost' }),
  ],
  decoys: [{ id: 'd1', kind: 'recent_change', entity: 'airflow:orders.audit', seen_in: ['git_blame'] }],
  truth: { causes: [], must_escalate: true, evidence: [{ any_of: ['orders'] }] },
  oracle: {
    must_pass: [{ dag: 'orders', run: MANUAL }],
    horizon: '60m',
    reference: [[]],
    reject: [],
  },
});

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatformOf(SCENARIO);
});
afterAll(() => platform.stop());

function given(): AirflowGiven {
  const baseUrl = platform.addresses.airflow;
  const http = createHttpClient({ system: 'Airflow', baseUrl });
  const login = (rights: 'read' | 'write') => {
    const { airflowUser: user, airflowPassword: password } = platform.credentials[rights];
    return { http, user, password, version: '3' as const };
  };
  return {
    reader: createAirflowReader(login('read')),
    writer: createAirflowWriter(login('write')),
    viewer: createAirflowWriter(login('read')),
    stranger: createAirflowReader({ ...login('read'), password: 'wrong' }),
    spoilt(times) {
      const { http: spoiling, logins } = spoiltTokens(http, times);
      return { reader: createAirflowReader({ ...login('read'), http: spoiling }), logins };
    },
    dag: {
      dag: 'orders',
      paused: false,
      owners: ['payments-data'],
      file: 'orders.py',
      schedule: '0 2 * * *',
      importErrors: [],
    },
    pausedDag: 'at_rest',
    brokenDag: { dag: 'unreadable', tells: "No module named 'rio_stac'" },
    runs: { scheduled: SCHEDULED, manual: MANUAL },
    tasks: { done: 'extract', failed: 'load', waiting: 'publish', skipped: 'audit', mapped: 'part' },
    retries: 1,
    failingIndex: 1,
    mappedCount: 3,
    exception: EXCEPTION,
    broken: { dag: 'orders', run: MANUAL },
    mended: { dag: 'orders_mended', run: MANUAL },
    running: { dag: 'sleeper', run: MANUAL, task: 'wait' },
    chatter: { dag: 'chatter', run: MANUAL, task: 'talk', tells: 'Java heap space', last: 'the last thing it said' },
    killed: { dag: 'deaths', run: MANUAL, task: 'killed' },
    stopped: { dag: 'deaths', run: MANUAL, task: 'stopped' },
    lost: { dag: 'deaths', run: MANUAL, task: 'lost' },
    async settle() {
      await platform.control('POST', '/control/settle');
    },
  };
}

holdTo(airflowContract, { name: 'simulator', version: () => '3.3.2' }, given);
