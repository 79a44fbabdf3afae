import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeConfig } from '../alertmanager/config.js';
import { debianPackages } from '../debian.js';
import { startProcess } from '../processes.js';
import { bcrypt, secretIn } from '../secret.js';
import type { RealSystem } from '../system.js';

const PORT = 18187;
const URL = `http://127.0.0.1:${PORT}`;

/** Alertmanager of Debian, told by Prometheus what fires. Countersign has no login to it: it only hears what is sent. */
export const alertmanager: RealSystem = {
  name: 'alertmanager',
  title: 'Alertmanager',
  truth: 'real',
  ci: true,
  needs: ['prometheus'],
  startsWithinMs: 60_000,
  install: () => debianPackages({ 'prometheus-alertmanager': 'prometheus-alertmanager', perl: 'perl' }),
  async start(place) {
    const users = { basic_auth_users: { prometheus: bcrypt(secretIn(place.state, 'password')) } };
    writeFileSync(join(place.state, 'web.yml'), JSON.stringify(users), { mode: 0o600 });
    // Nobody listens on the discard port: until somebody is pointed to, alerts go nowhere.
    if (!existsSync(join(place.state, 'alertmanager.yml'))) writeConfig(place.state, 'http://127.0.0.1:9/', '');
    startProcess(place, {
      name: 'alertmanager',
      program: 'prometheus-alertmanager',
      args: [
        `--config.file=${join(place.state, 'alertmanager.yml')}`,
        `--web.config.file=${join(place.state, 'web.yml')}`,
        `--storage.path=${join(place.state, 'data')}`,
        `--web.listen-address=127.0.0.1:${PORT}`,
        // One instance: no gossip port.
        '--cluster.listen-address=',
      ],
    });
  },
  async version(place) {
    const basic = Buffer.from(`prometheus:${secretIn(place.state, 'password')}`).toString('base64');
    const headers = { authorization: `Basic ${basic}` };
    if (!(await fetch(`${URL}/-/ready`, { headers })).ok) return undefined;
    const status = await fetch(`${URL}/api/v2/status`, { headers });
    return ((await status.json()) as { versionInfo?: { version?: string } }).versionInfo?.version;
  },
  address: (place) => ({
    url: URL,
    user: 'prometheus',
    password: secretIn(place.state, 'password'),
    state: place.state,
  }),
};
