import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kubernetesLogin } from './kubernetes-login.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubernetes-login-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the login to Kubernetes', () => {
  it('is the token itself, or what its file holds within the last minute', async () => {
    expect(await kubernetesLogin({ KUBERNETES_TOKEN: 'fixed' }).headers()).toEqual({ authorization: 'Bearer fixed' });
    const file = join(folder, 'token');
    let now = 1_000_000;
    const { headers } = kubernetesLogin({ KUBERNETES_TOKEN: '', KUBERNETES_TOKEN_FILE: file }, () => now);
    await expect(headers()).rejects.toMatchObject({ kind: 'misconfigured', field: 'KUBERNETES_TOKEN_FILE' });
    writeFileSync(file, 'first\n');
    expect(await headers()).toEqual({ authorization: 'Bearer first' });
    writeFileSync(file, 'second\n');
    now += 59_000;
    expect(await headers()).toEqual({ authorization: 'Bearer first' });
    now += 1_000;
    expect(await headers()).toEqual({ authorization: 'Bearer second' });
  });

  it('trusts the authority whose certificate it is given, and says when there is none', () => {
    const ca = join(folder, 'ca.crt');
    expect(() => kubernetesLogin({ KUBERNETES_TOKEN: 't', KUBERNETES_CA: ca })).toThrow('KUBERNETES_CA names');
    writeFileSync(ca, 'rubbish');
    expect(() => kubernetesLogin({ KUBERNETES_TOKEN: 't', KUBERNETES_CA: ca })).toThrow('KUBERNETES_CA names');
    const pem = '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n';
    writeFileSync(ca, pem);
    expect(kubernetesLogin({ KUBERNETES_TOKEN: 't', KUBERNETES_CA: ca }).ca).toBe(pem);
    expect(kubernetesLogin({ KUBERNETES_TOKEN: 't' })).not.toHaveProperty('ca');
  });
});
