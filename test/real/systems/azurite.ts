import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runToEnd, startProcess } from '../processes.js';
import type { Place, RealSystem } from '../system.js';

const PORT = 18190;
const VERSION = '3.37.0';
const ACCOUNT = 'countersign';

/** Azurite: Microsoft's own emulator of the blob API; it has no Data Lake endpoint and no tokens. */
export const azurite: RealSystem = {
  name: 'azurite',
  title: 'Azure Blob Storage by Azurite',
  truth: 'fake',
  ci: false,
  needs: [],
  startsWithinMs: 60_000,
  async install(place) {
    if (existsSync(program(place))) return;
    const folder = join(place.cache, `azurite-${VERSION}`);
    mkdirSync(folder, { recursive: true });
    // A project of its own: with --prefix instead npm would not see the machine's configuration, its certificates among it.
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `azurite@${VERSION}`];
    await runToEnd({ program: 'npm', args, cwd: folder });
  },
  async start(place) {
    startProcess(place, {
      name: 'azurite',
      program: program(place),
      args: [
        ...['--blobHost', '127.0.0.1', '--blobPort', String(PORT), '--location', join(place.state, 'data')],
        ...['--silent', '--disableTelemetry', '--skipApiVersionCheck', '--disableProductStyleUrl'],
      ],
      env: { AZURITE_ACCOUNTS: `${ACCOUNT}:${keyOf(place)}` },
    });
  },
  async version() {
    // Refuses the request, because it has no credentials, and says who it is.
    const answer = await fetch(`http://127.0.0.1:${PORT}/${ACCOUNT}?comp=list`);
    return /^Azurite-Blob\/(.*)$/.exec(answer.headers.get('server') ?? '')?.[1];
  },
  address: (place) => ({
    endpoint: `http://127.0.0.1:${PORT}/${ACCOUNT}`,
    account: ACCOUNT,
    keyFile: keyFile(place),
  }),
};

function program(place: Place): string {
  return join(place.cache, `azurite-${VERSION}/node_modules/.bin/azurite-blob`);
}

function keyFile(place: Place): string {
  return join(place.state, 'account-key');
}

function keyOf(place: Place): string {
  const file = keyFile(place);
  if (!existsSync(file)) writeFileSync(file, randomBytes(64).toString('base64'), { mode: 0o600 });
  return readFileSync(file, 'utf8');
}
