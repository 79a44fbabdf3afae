import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { CLEAN, LABELLED } from './corpus.js';
import { createRedactor, LONGEST_LINE } from './redactor.js';

const redactor = createRedactor({ secret: 'a key of this test' });
const redact = (text: string, scope = 'INC-1'): string => redactor.redact(text, scope).text;
const LABEL = /\{([A-Z]+)\|([^}]*)\}/g;

describe('the labelled corpus', () => {
  it.each(LABELLED)('%s', (labelled) => {
    const line = labelled.replace(LABEL, '$2');
    const expected = labelled.replace(LABEL, '<$1>');
    expect(redact(line).replace(/<([A-Z_]+):[0-9a-f]{4}>/g, '<$1>')).toBe(expected);
  });

  it.each(CLEAN)('leaves alone: %s', (line) => {
    expect(redactor.redact(line, 'INC-1')).toEqual({ text: line, count: 0 });
  });

  it('finds as many of each type as when it was last looked at', () => {
    const found: Record<string, number> = {};
    for (const [, type = ''] of redact(LABELLED.map((line) => line.replace(LABEL, '$2')).join('\n')).matchAll(
      /<([A-Z_]+):[0-9a-f]{4}>/g,
    ))
      found[type] = (found[type] ?? 0) + 1;
    expect(found).toMatchInlineSnapshot(`
      {
        "ADDRESS": 1,
        "CARD": 4,
        "EMAIL": 4,
        "IBAN": 3,
        "IP": 1,
        "JWT": 1,
        "NAME": 3,
        "PERSONAL": 3,
        "PHONE": 3,
        "SECRET": 21,
      }
    `);
  });
});

describe('tokens', () => {
  it('are the same for the same value in one scope, and different in another', () => {
    const [one, two] = [redact('from jane@acme-data.io'), redact('to jane@acme-data.io')];
    expect(one.split(' ')[1]).toBe(two.split(' ')[1]);
    expect(redact('from jane@acme-data.io', 'INC-2')).not.toBe(one);
    expect(createRedactor({ secret: 'another key' }).redact('from jane@acme-data.io', 'INC-1').text).not.toBe(one);
  });

  it('are left alone when a text passes a second time', () => {
    const once = LABELLED.map((line) => redact(line.replace(LABEL, '$2'))).join('\n');
    expect(redactor.redact(once, 'INC-1')).toEqual({ text: once, count: 0 });
  });

  it('count what was replaced', () => {
    expect(redactor.redact('a@acme-data.io and b@acme-data.io', 's').count).toBe(2);
  });
});

describe('private keys', () => {
  const body = ['MIIEpAIBAAKCAQEA7v1mZ0cJq0yP3o5h', 'QxkqQ3s5v8yBEHKbPeShVmYq3t6w9zCF'].map(
    (half) => half + half.split('').reverse().join(''),
  );

  it('go as a whole, in fenced text too, and also when their end was cut off', () => {
    const key = [`-----BEGIN ${'RSA PRIVATE'} KEY-----`, ...body, `-----END ${'RSA PRIVATE'} KEY-----`];
    expect(redact(['before', ...key, 'after'].join('\n'))).toMatch(/^before\n<PRIVATE_KEY:[0-9a-f]{4}>\nafter$/);
    expect(redact(['| before', ...key.map((line) => `| ${line}`), '| after'].join('\n'))).toMatch(
      /^\| before\n\| <PRIVATE_KEY:[0-9a-f]{4}>\n\| after$/,
    );
    expect(redact(['before', ...key.slice(0, 2)].join('\n'))).toMatch(/^before\n<PRIVATE_KEY:[0-9a-f]{4}>$/);
  });

  it('are known by a body line when the beginning was cut off, and a hash is none', () => {
    expect(redact(`| ${body[0]}`)).toMatch(/^\| <PRIVATE_KEY:[0-9a-f]{4}>$/);
    const hash = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
    expect(redact(hash)).toBe(hash);
  });
});

describe('hostile lines', () => {
  const size = 20_000;
  const fill = (piece: string): string => piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
  const hostile = [
    'a',
    '1',
    '4111 ',
    'a@',
    'a.',
    'a@a.',
    'password=',
    'password',
    '"password":"',
    'DE89 ',
    '+49 ',
    '+4930',
    'eyJ',
    'eyJhbGci.',
    'a_',
    'token ',
    '://a:',
    'x=',
    '1.',
    'name=key ',
    'jdbc:a:',
    'A1',
    ' ',
    '-----BEGIN ',
    'ab/cd:',
    'first_name=a ',
  ];

  it('are cut before any rule sees them', () => {
    const text = redact(`x${' '.repeat(10)}${fill('ab cd ')}`);
    expect(text.length).toBeLessThan(LONGEST_LINE + 60);
    expect(text).toMatch(/\[\d+ characters cut\]$/);
  });

  it('are not cut inside a secret', () => {
    const secret = `password=${'Zx9'.repeat(20)}`;
    const text = redact(`${'ab '.repeat(5_450)}${secret}${' cd'.repeat(2_000)}`);
    expect(text).not.toContain('Zx9');
  });

  // The bar is 50 ms; a rule that backtracks takes seconds, so a loose limit tells them apart on any machine.
  it.each(hostile)('of %j take no time to speak of', (piece) => {
    const line = fill(piece);
    redact(line);
    const from = performance.now();
    redact(line);
    expect(performance.now() - from).toBeLessThan(1_000);
  });
});
