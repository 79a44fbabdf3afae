import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianPackages } from '../debian.js';
import { createBareRepository } from '../git/repository.js';
import { runToEnd, startProcess } from '../processes.js';
import { secretIn } from '../secret.js';
import type { RealSystem } from '../system.js';

const PORT = 18189;
const HOST = `127.0.0.1:${PORT}`;
const LOGINS = { reader: 'countersign-reader', repairer: 'countersign-repairer' };

/** Git's own server side over HTTP, with one login that fetches and one that also pushes, as a code host gives them to deploy keys. */
export const git: RealSystem = {
  name: 'git',
  title: 'git with http-backend',
  truth: 'real',
  ci: true,
  needs: [],
  startsWithinMs: 30_000,
  install: () => debianPackages({ git: 'git', 'git-http-backend': 'git' }),
  async start(place) {
    mkdirSync(join(place.state, 'repos'), { recursive: true });
    for (const name of ['code', 'config']) {
      const path = join(place.state, 'repos', `${name}.git`);
      if (!existsSync(path)) await createBareRepository(path);
    }
    const login = (name: string, pushes: boolean): object => ({ password: secretIn(place.state, name), pushes });
    const logins = { [LOGINS.reader]: login('reader', false), [LOGINS.repairer]: login('repairer', true) };
    writeFileSync(join(place.state, 'logins.json'), JSON.stringify(logins), { mode: 0o600 });
    startProcess(place, {
      name: 'git',
      program: process.execPath,
      args: [join(import.meta.dirname, '../git/server.js'), place.state, String(PORT)],
    });
  },
  async version() {
    if (!(await fetch(`http://${HOST}/health`)).ok) return undefined;
    return (await runToEnd({ program: 'git', args: ['--version'] })).trim().split(' ').at(-1);
  },
  address(place) {
    const at = (login: 'reader' | 'repairer', repository: string): string =>
      `http://${LOGINS[login]}:${secretIn(place.state, login)}@${HOST}/${repository}.git`;
    return {
      url: `http://${HOST}`,
      state: place.state,
      /** Bare repositories lie here as `<name>.git`; a new one is served at once. */
      repos: join(place.state, 'repos'),
      readerUser: LOGINS.reader,
      readerPassword: secretIn(place.state, 'reader'),
      repairerUser: LOGINS.repairer,
      repairerPassword: secretIn(place.state, 'repairer'),
      codeRepository: at('reader', 'code'),
      configRepository: at('reader', 'config'),
      writableConfigRepository: at('repairer', 'config'),
    };
  },
};
