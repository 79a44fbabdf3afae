import { describe, expect, it } from 'vitest';
import { readConfigText } from '../document.js';
import { withoutCredentials } from './credential-shapes.js';
import { inlineCredentials } from './credentials.js';

// Put together here, so that no scanner takes the test itself for a leak.
const AWS = ['AKIA', 'ABCDEFGHIJKLMNOP'].join('');
const JWT = [`ey${'J'.repeat(12)}`, `ey${'J'.repeat(12)}`, 'c2lnbmF0dXJl'].join('.');
const KEY = ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' ');

function found(text: string): string[] {
  const { config, findings } = readConfigText(text);
  if (config === undefined) throw new Error(JSON.stringify(findings));
  return inlineCredentials(config).map(({ path, place }) => `${path} ${place?.line}:${place?.column}`);
}

describe('a credential in a config', () => {
  it.each([
    ['a: {password: hunter22}', 'a.password 1:15'],
    ['a: {clientSecret: x9}', 'a.clientSecret 1:19'],
    ['a: {api_key: x9}', 'a.api_key 1:14'],
    ['a:\n  - {token: x9}', 'a.0.token 2:13'],
    ['url: "https://me:secret9@db.example/x"', 'url 1:6'],
    ['url: jdbc:oracle:thin:scott/tiger@db:1521', 'url 1:6'],
    ['url: "jdbc:postgresql://db/x?user=a&password=abc123"', 'url 1:6'],
    [`x: ${AWS}`, 'x 1:4'],
    [`x: ${JWT}`, 'x 1:4'],
    [`x: "${KEY}"`, 'x 1:4'],
    [`sql: "SELECT '${AWS}'"`, 'sql 1:6'],
    [`a: 1 # the key is ${AWS}`, ' 1:19'],
    ['a: 1\n# password: hunter22', ' 2:3'],
    ['x: "\\x41KIAABCDEFGHIJKLMNOP"', 'x 1:4'],
  ])('%s', (text, at) => {
    expect(found(text)).toEqual([at]);
  });

  it.each([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a config names a parameter
    'a: {password: "${DB_PASSWORD}"}',
    'a: {password: "vault:team/db#password"}',
    'columns: [{name: password_hash, type: STRING}]',
    'sql: "SELECT 1 FROM t WHERE token = \'abcdef\'"',
    'tests: [{given: {users: [{token: abc, secret: def}]}}]',
    'contact: "the password: ask the platform team"',
    'path: "s3://bucket/a:b/c@d"',
    'description: tokens per day',
  ])('none in %s', (text) => {
    expect(found(text)).toEqual([]);
  });

  it('is taken out of what is said', () => {
    expect(withoutCredentials(`'https://me:secret9@db' and ${AWS}`)).toBe("'[credential]db' and [credential]");
  });
});
