import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { holdTo } from '../contract/contract.js';
import { gitContract } from '../contract/expectations/git.js';
import type { GitGiven } from '../contract/expectations/git-given.js';
import { gitGiven } from '../support/git-contract.js';
import { createBareRepository } from './git/repository.js';
import { addressOf } from './up.js';

const name = `contract-${process.pid}`;
let server: Awaited<ReturnType<typeof addressOf>>;
let dir: string;
let given: GitGiven;
beforeAll(async () => {
  server = await addressOf('git');
  const address = (variable: string): string => (server[variable] ?? '').replace('/config.git', `/${name}.git`);
  const remote = join(server['repos'] ?? '', `${name}.git`);
  await createBareRepository(remote);
  dir = mkdtempSync(join(tmpdir(), 'git-contract-'));
  given = gitGiven({
    cache: dir,
    remote,
    reader: address('configRepository'),
    writer: address('writableConfigRepository'),
  });
});
afterAll(() => {
  given.person.leave();
  rmSync(given.person.remote, { recursive: true, force: true });
  rmSync(dir, { recursive: true, force: true });
});

holdTo(gitContract, { name: 'git', version: () => server.version }, () => given);
