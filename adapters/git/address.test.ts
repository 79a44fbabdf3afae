import { describe, expect, it } from 'vitest';
import { gitAddress } from './address.js';

describe('the address of a repository', () => {
  it('loses its credentials, which go to that origin alone', () => {
    const { address, environment } = gitAddress('https://bot:t%40ken@git.example.com:8443/data/config.git');
    expect(address).toBe('https://git.example.com:8443/data/config.git');
    expect(environment).toEqual({
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.https://git.example.com:8443/.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from('bot:t@ken').toString('base64')}`,
    });
  });

  it.each(['/srv/git/config.git', 'git@git.example.com:data/config.git', 'https://git.example.com/config.git'])(
    'is used as it is: %s',
    (repository) => {
      expect(gitAddress(repository)).toEqual({ address: repository, environment: {} });
    },
  );
});
