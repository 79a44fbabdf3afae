import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { gitGiven } from '../support/git-contract.js';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { holdTo } from './contract.js';
import { gitContract } from './expectations/git.js';
import type { GitGiven } from './expectations/git-given.js';

let platform: TestPlatform;
let dir: string;
let given: GitGiven;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'git-contract-'));
  platform = await startPlatform('s00');
  const { read, write } = platform.credentials;
  given = gitGiven({
    cache: dir,
    remote: platform.addresses.configRepository,
    reader: read.configRepository,
    writer: write.configRepository,
  });
});
afterAll(async () => {
  given.person.leave();
  await platform.stop();
  rmSync(dir, { recursive: true, force: true });
});

const version = (): string => execFileSync('git', ['--version'], { encoding: 'utf8' }).trim().split(' ').at(-1) ?? '';
holdTo(gitContract, { name: 'simulator', version }, () => given);
