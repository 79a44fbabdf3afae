import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianPackages } from '../debian.js';
import { runToEnd, startProcess } from '../processes.js';
import { openMetrics } from '../prometheus/series.js';
import { bcrypt, secretIn } from '../secret.js';
import type { Place, RealSystem } from '../system.js';

const PORT = 18186;
const ALERTMANAGER = '127.0.0.1:18187';
const USER = 'countersign-reader';
const URL = `http://127.0.0.1:${PORT}`;

/**
 * Prometheus of Debian with thirty days of history. The login can ask, and nothing else is switched on: no lifecycle, no admin API,
 * no remote write, so what the reader's login could change is nothing.
 */
export const prometheus: RealSystem = {
  name: 'prometheus',
  title: 'Prometheus',
  truth: 'real',
  ci: true,
  needs: [],
  startsWithinMs: 60_000,
  install: () => debianPackages({ prometheus: 'prometheus', promtool: 'prometheus', perl: 'perl' }),
  async start(place) {
    for (const folder of ['targets', 'rules']) mkdirSync(join(place.state, folder), { recursive: true });
    configure(place);
    await backfill(place);
    startProcess(place, {
      name: 'prometheus',
      program: 'prometheus',
      args: [
        `--config.file=${join(place.state, 'prometheus.yml')}`,
        `--web.config.file=${join(place.state, 'web.yml')}`,
        `--storage.tsdb.path=${join(place.state, 'data')}`,
        // The history is older than what Prometheus would keep by itself.
        '--storage.tsdb.retention.time=10y',
        `--web.listen-address=127.0.0.1:${PORT}`,
        '--rules.alert.resend-delay=10s',
      ],
    });
  },
  async version(place) {
    const basic = Buffer.from(`${USER}:${secretIn(place.state, 'password')}`).toString('base64');
    const headers = { authorization: `Basic ${basic}` };
    if (!(await fetch(`${URL}/-/ready`, { headers })).ok) return undefined;
    const info = await fetch(`${URL}/api/v1/status/buildinfo`, { headers });
    return ((await info.json()) as { data?: { version?: string } }).data?.version;
  },
  address(place) {
    return {
      url: URL,
      user: USER,
      password: secretIn(place.state, 'password'),
      state: place.state,
      /** End of the history, as an ISO instant; empty before the first start. */
      historyUntil: existsSync(join(place.state, 'history-until'))
        ? readFileSync(join(place.state, 'history-until'), 'utf8')
        : '',
    };
  },
};

/** Targets and alert rules are read from folders, so that a test can add its own. */
function configure(place: Place): void {
  const alertmanager = place.stateOf('alertmanager');
  secretIn(alertmanager, 'password');
  const login = (user: string, file: string): object => ({ basic_auth: { username: user, password_file: file } });
  const config = {
    global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '2s' },
    rule_files: [join(place.state, 'rules/*.yml')],
    alerting: {
      alertmanagers: [
        { ...login('prometheus', join(alertmanager, 'password')), static_configs: [{ targets: [ALERTMANAGER] }] },
      ],
    },
    scrape_configs: [
      {
        job_name: 'prometheus',
        ...login(USER, join(place.state, 'password')),
        static_configs: [{ targets: [`127.0.0.1:${PORT}`] }],
      },
      { job_name: 'live', file_sd_configs: [{ files: [join(place.state, 'targets/*.json')], refresh_interval: '2s' }] },
    ],
  };
  // JSON is YAML.
  writeFileSync(join(place.state, 'prometheus.yml'), JSON.stringify(config, undefined, 2));
  const users = { basic_auth_users: { [USER]: bcrypt(secretIn(place.state, 'password')) } };
  writeFileSync(join(place.state, 'web.yml'), JSON.stringify(users), { mode: 0o600 });
}

/** Makes the blocks while the server is down, which is when Debian's version takes them in at once. */
async function backfill(place: Place): Promise<void> {
  const data = join(place.state, 'data');
  if (existsSync(data)) return;
  const end = Math.floor(Date.now() / 60_000) * 60_000;
  const file = join(place.state, 'history.om');
  writeFileSync(file, openMetrics(end));
  // Large blocks: with the usual two hours, promtool would read the whole text once for each of them.
  const partial = `${data}.partial`;
  rmSync(partial, { recursive: true, force: true });
  const args = ['tsdb', 'create-blocks-from', '--max-block-duration=768h', 'openmetrics', file, partial];
  await runToEnd({ program: 'promtool', args });
  rmSync(file);
  writeFileSync(join(place.state, 'history-until'), new Date(end).toISOString());
  // Moved when it is whole: an interrupted start begins again.
  renameSync(partial, data);
}
