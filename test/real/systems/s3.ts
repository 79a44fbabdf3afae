import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, runToEnd, startProcess } from '../processes.js';
import { pythonEnvironment } from '../python.js';
import type { Place, RealSystem } from '../system.js';

const PORT = 18188;
const ENDPOINT = `http://127.0.0.1:${PORT}`;
const BUCKET = 'lake';

/** Moto: S3 and IAM that keep their data in memory and check each key's policy, as Amazon's would; not Amazon's. */
export const s3: RealSystem = {
  name: 's3',
  title: 'S3 by moto, with IAM policies',
  truth: 'fake',
  ci: true,
  needs: [],
  startsWithinMs: 30_000,
  async install(place) {
    await pythonEnvironment(place, 'moto');
  },
  async start(place) {
    const bin = await pythonEnvironment(place, 'moto');
    rmSync(keysFile(place), { force: true });
    // One whose preparation was interrupted has no users.
    await endProcess(place, 'moto');
    startProcess(place, {
      name: 'moto',
      program: join(bin, 'moto_server'),
      args: ['-H', '127.0.0.1', '-p', String(PORT)],
      // Checks begin once the users are there.
      env: { INITIAL_NO_AUTH_ACTION_COUNT: '1000000' },
    });
    for (let wait = 0; wait < 100 && !(await answers()); wait += 1) await sleep(200);
    const prepare = join(place.root, 'test/real/s3/prepare.py');
    await runToEnd({ program: join(bin, 'python'), args: [prepare, ENDPOINT, BUCKET, keysFile(place)] }, 60_000);
  },
  async version(place) {
    if (!existsSync(keysFile(place)) || !(await answers())) return undefined;
    // The server does not say; the package that was installed is pinned.
    const pinned = readFileSync(join(place.root, 'test/real/requirements/moto.txt'), 'utf8');
    return /^moto==(.*)$/m.exec(pinned)?.[1];
  },
  address: (place) => ({ endpoint: ENDPOINT, bucket: BUCKET, region: 'us-east-1', keysFile: keysFile(place) }),
};

function keysFile(place: Place): string {
  return join(place.state, 'keys.json');
}

async function answers(): Promise<boolean> {
  return fetch(`${ENDPOINT}/moto-api/`).then(
    ({ ok }) => ok,
    () => false,
  );
}
