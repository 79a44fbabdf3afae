import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import {
  countersign,
  descendants,
  freshEnvironment,
  isAlive,
  type RunningCommand,
  startCommand,
  temporaryFolder,
} from '../support/stack.js';

/** `countersign start` as a newcomer meets it: a fresh folder, a browser, a decision, Ctrl-C, and once more. */
describe('the first start', () => {
  const folder = temporaryFolder();
  const env = freshEnvironment(folder.path);
  const started: RunningCommand[] = [];
  let browser: Browser;
  let incident = '';

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    for (const running of started.filter((one) => one.child.exitCode === null)) {
      running.interrupt();
      await running.ended;
    }
    folder.remove();
  });

  const start = async (): Promise<{ running: RunningCommand; address: string }> => {
    const running = startCommand(['start'], env);
    started.push(running);
    const [, address = ''] = await running.says(/Countersign is at (http:\/\/127\.0\.0\.1:\d+\S*)/);
    await running.says(/Ctrl-C stops everything/);
    return { running, address };
  };

  it('leads from the alert to a decided, repaired, verified incident in the browser, without loading the page again', async () => {
    const { running, address } = await start();
    incident = /\/incidents\/(INC-\w+)$/.exec(address)?.[1] ?? '';
    expect(incident).not.toBe('');
    const { page, complaints } = await visit(browser);
    await page.goto(address);
    await page.evaluate('window.stayed = true');
    await see(page, 'Waiting for a decision');
    await see(page, 'Diagnosis: column renamed, in the schema registry');
    expect(await page.locator('.call').count()).toBeGreaterThanOrEqual(4);
    expect(await page.evaluate('window.stayed')).toBe(true);

    await sayWhoYouAre(page, address);
    await page.evaluate('window.stayed = true');
    await page.locator('summary', { hasText: 'Approve' }).click();
    await page.getByRole('button', { name: 'Approve and run' }).click();
    await see(page, 'Say what you checked yourself, in at least 8 characters.');
    const box = page.getByLabel('What did you check yourself?');
    expect(await box.getAttribute('aria-invalid')).toBe('true');
    await box.fill('schema diff matches');
    await page.getByRole('button', { name: 'Approve and run' }).click();
    await see(page, /you@example\.com approved this on/);
    await see(page, 'Recovery verified: 2 of 2 checks met', 60_000);
    await see(page, 'Recovery is verified. Still for a person: the patch for');
    expect(await page.evaluate('window.stayed')).toBe(true);
    await page.screenshot({ path: process.env['SCREENSHOT'] ?? join(folder.path, 'resolved.png'), fullPage: true });
    expect(complaints).toEqual([]);

    const verified = await countersign(['log', 'verify'], env);
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('log ok') });
    await expectCleanEnd(running);
  });

  it('is remembered by the second start, which opens no second sample', async () => {
    const { running, address } = await start();
    expect(new URL(address).pathname).toBe('/');
    expect(running.out()).toContain('1 earlier incident');
    const { page, complaints } = await visit(browser);
    await page.goto(address);
    await see(page, 'daily_transactions');
    const rows = page.locator(`a[href="/incidents/${incident}"]`);
    expect(await rows.count()).toBeGreaterThan(0);
    expect(await page.locator('a[href^="/incidents/INC-"]').count()).toBe(await rows.count());
    await rows.first().click();
    await see(page, 'Recovery is verified. Still for a person: the patch for');
    expect(complaints).toEqual([]);
    const listed = await countersign(['list', '--json'], env);
    expect((JSON.parse(listed.out) as { incident: string }[]).map((one) => one.incident)).toEqual([incident]);
    await expectCleanEnd(running);
  });

  it('says so when nothing runs, and how to start it', async () => {
    const { code, err } = await countersign(['list'], env);
    expect(err).toContain('npm start');
    expect(code).toBe(1);
  });
});

/** Ctrl-C: every process that was started is gone when the command is, the Redis server among them. */
async function expectCleanEnd(running: RunningCommand): Promise<void> {
  const children = descendants(running.child.pid ?? 0);
  const commands = [...children.values()].join('\n');
  for (const program of ['redis-server', 'platform/main.js', 'web.js', 'investigator.js', 'repairer.js', 'sealer.js'])
    expect(commands).toContain(program);
  running.interrupt();
  expect(await running.ended).toBe(0);
  expect([...children].filter(([pid]) => isAlive(pid))).toEqual([]);
  expect(running.err()).toBe('');
}

async function visit(browser: Browser): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await browser.newContext({ viewport: { width: 1100, height: 900 } })).newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // A refused click is an answer with a status of its own; the browser notes it, and the page shows it.
    if (message.type() === 'error' && !/status of 422/.test(message.text())) complaints.push(message.text());
  });
  return { page, complaints };
}

async function sayWhoYouAre(page: Page, back: string): Promise<void> {
  await page.goto(new URL('/who', back).href);
  await page.getByLabel('you@example.com').check();
  await page.getByRole('button', { name: 'That is me' }).click();
  await page.waitForURL((url) => url.pathname !== '/who');
  await page.goto(back);
}

async function see(page: Page, text: string | RegExp, timeout = 20_000): Promise<void> {
  await page.getByText(text).filter({ visible: true }).first().waitFor({ timeout });
}
