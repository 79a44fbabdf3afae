import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { countersign, freshEnvironment, type RunningCommand, startCommand, temporaryFolder } from '../support/stack.js';
import { expectNoSidewaysScroll, see, visit } from './visitor.js';

const LOCAL_SLACK = resolve('dist/test/support/slack/main.js');
const CHANNEL = 'C0INCIDENT';
const ANA = 'U0ANA00001';
const DESKTOP = { viewport: { width: 1280, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** `npm run slack:local` and `npm start` with its settings, as docs/slack.md tells a newcomer, and one incident decided there. */
describe('the sample incident in the local Slack', () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let slack: { child: ChildProcess; url: string };
  let running: RunningCommand;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    browser = await launchBrowser();
    const port = await freePort();
    copyFileSync('policy.yaml', join(folder.path, 'policy.yaml'));
    slack = await startLocalSlack(folder.path, port);
    const settings = parseEnv(readFileSync(join(folder.path, 'var/slack/env'), 'utf8'));
    env = freshEnvironment(join(folder.path, 'data'), {
      ...settings,
      COUNTERSIGN_POLICY: join(folder.path, 'var/slack/policy.yaml'),
      COUNTERSIGN_WEB_PORT: String(port),
    });
    mkdirSync(join(folder.path, 'data'), { recursive: true });
    running = startCommand(['start'], env);
    await running.says(/Ctrl-C stops everything/, 60_000);
  });
  afterAll(async () => {
    await browser.close();
    running.interrupt();
    await running.ended;
    slack.child.kill('SIGTERM');
    folder.remove();
  });

  it('is told in the channel, decided by a click in its thread, and resolved there', async () => {
    const { page, complaints, leave } = await visit(browser, DESKTOP);
    await page.goto(`${slack.url}/ui/${ANA}/c/${CHANNEL}`);
    await see(page, /daily_transactions/);
    await page
      .getByRole('link', { name: /\d+ repl/ })
      .first()
      .click();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await thread.getByRole('button', { name: 'Approve' }).waitFor({ timeout: 60_000 });
    await shot(page, 'slack-decide');
    await lookOnThePhone();
    await lookAtHome();

    await thread.getByRole('button', { name: 'Approve' }).click();
    const dialog = page.getByRole('dialog', { name: 'Approve the repair' });
    await dialog.getByRole('textbox', { name: 'What did you check yourself?' }).fill('ok');
    await dialog.getByRole('button', { name: 'Approve and run' }).click();
    await dialog
      .getByText(/at least 8 characters/)
      .first()
      .waitFor();
    await dialog
      .getByRole('textbox', { name: 'What did you check yourself?' })
      .fill('The registry has version 7 since 01:40, and only this column differs.');
    await shot(page, 'slack-approve');
    await dialog.getByRole('button', { name: 'Approve and run' }).click();
    await page
      .getByText(/ana@example\.com approved this/)
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
    await thread
      .getByText(/Recovery verified: 2 of 2 checks met/)
      .first()
      .waitFor({ timeout: 90_000 });
    await see(page, /Recovery is verified\. Still for a person/);
    await shot(page, 'slack-resolved');
    expect(complaints).toEqual([]);
    await leave();

    const verified = await countersign(['log', 'verify'], env);
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('log ok') });
  });

  it('answers a command to the one who asked alone', async () => {
    const { page, complaints, leave } = await visit(browser, DESKTOP);
    await page.goto(`${slack.url}/ui/${ANA}/c/${CHANNEL}`);
    const field = page.getByRole('textbox', { name: 'Message #data-incidents' });
    await field.fill('/countersign list all');
    await field.press('Enter');
    await see(page, 'Only visible to you');
    expect(complaints).toEqual([]);
    await leave();
  });

  /** At 2 a.m.: what is the matter, what is proposed, until when. */
  const lookOnThePhone = async (): Promise<void> => {
    const { page, complaints, leave } = await visit(browser, PHONE);
    await page.goto(`${slack.url}/ui/${ANA}/c/${CHANNEL}`);
    await see(page, /Proposed/);
    await expectNoSidewaysScroll(page);
    await shot(page, 'slack-phone');
    expect(complaints).toEqual([]);
    await leave();
  };

  const lookAtHome = async (): Promise<void> => {
    const { page, complaints, leave } = await visit(browser, DESKTOP);
    await page.goto(`${slack.url}/ui/${ANA}/home`);
    await see(page, /Last 7 days/);
    await see(page, /daily_transactions/);
    await shot(page, 'slack-home');
    expect(complaints).toEqual([]);
    await leave();
  };
});

/** For docs: `SCREENSHOTS=docs/images npx vitest run --project e2e test/e2e/slack.test.ts`. */
async function shot(page: Page, name: string): Promise<void> {
  const to = process.env['SCREENSHOTS'];
  if (to !== undefined) await page.screenshot({ path: join(to, `${name}.png`) });
}

async function startLocalSlack(cwd: string, appPort: number): Promise<{ child: ChildProcess; url: string }> {
  const args = [LOCAL_SLACK, '--port', '0', '--app', `http://127.0.0.1:${appPort}/slack/events`];
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  return new Promise((found, failed) => {
    child.once('exit', () => failed(new Error(`the local Slack ended:\n${said}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const url = /not Slack\): (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
        if (url !== undefined && /Ctrl-C ends it/.test(said)) found({ child, url });
      });
    }
  });
}

function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => found(port));
    });
  });
}
