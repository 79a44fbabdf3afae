import { afterAll, beforeAll } from 'vitest';
import { startPlatform, type TestPlatform } from '../support/platform.js';
import { registryGiven } from '../support/registry-given.js';
import { holdTo } from './contract.js';
import { registryContract } from './expectations/registry.js';
import type { RegistryGiven } from './expectations/registry-schemas.js';

let platform: TestPlatform;
let given: RegistryGiven;

beforeAll(async () => {
  platform = await startPlatform('s01');
  const { read, write } = platform.credentials;
  given = registryGiven({
    url: platform.addresses.registry,
    direct: platform.addresses.registry,
    reader: { user: read.registryUser, password: read.registryPassword },
    repairer: { user: write.registryUser, password: write.registryPassword },
    prefix: 'contract.',
  });
});
afterAll(() => platform.stop());

holdTo(registryContract, { name: 'simulator', version: () => '' }, () => given);
