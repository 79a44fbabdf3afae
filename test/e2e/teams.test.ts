import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { countersign, freshEnvironment, temporaryFolder } from '../support/stack.js';
import { INCIDENTS, PEOPLE } from '../support/teams-local/local-tenant.js';
import { buttonsOf, pressAs, type ShownMessage, watchMessages } from '../support/teams-local/playground-api.js';
import { see, visit } from './visitor.js';

const LOCAL_TEAMS = resolve('dist/test/support/teams-local/main.js');
const DESKTOP = { viewport: { width: 1280, height: 1400 } };
/** Between the lists of chats and the log. */
const THREAD = { x: 330, y: 48, width: 620, height: 1352 };
const CHECK = 'The registry has version 7 since 01:40, and only this column differs.';
const WORDS = 'What did you check yourself?';

/** `npm run teams:local` as docs/teams.md tells a newcomer: Microsoft's Playground as the client, and one incident decided there. */
describe('the sample incident in the Agents Playground', () => {
  const folder = temporaryFolder();
  let browser: Browser;
  let local: LocalTeams;
  let page: Page;
  let complaints: string[];
  let messages: () => ShownMessage[];

  beforeAll(async () => {
    browser = await launchBrowser();
    local = await startLocalTeams(folder.path);
    ({ page, complaints } = await visit(browser, DESKTOP));
    // Nothing leaves the machine: its fonts are Microsoft's.
    await page.route(
      (url) => url.hostname !== '127.0.0.1',
      (route) => route.abort(),
    );
    messages = watchMessages(page);
    await page.goto(local.url);
    await page.getByText('data-incidents').first().click();
  });
  afterAll(async () => {
    await browser.close();
    await local.stop();
    folder.remove();
  });

  const shown = (title: string): ShownMessage => {
    const found = messages().find(({ card }) => buttonsOf(card).some((button) => button.title === title));
    if (found === undefined) throw new Error(`no message has a button "${title}"`);
    return found;
  };
  const press = (who: keyof typeof PEOPLE, message: ShownMessage, card: unknown, title: string, inputs = {}) =>
    pressAs(local.url, PEOPLE[who].id, { message, card }, title, inputs);

  it('is told in the channel, decided by a click in its thread, and resolved there', async () => {
    await see(page, /daily_transactions\.transform failed/);
    const decide = cardWith(page, page.getByRole('button', { name: 'Approve' }));
    await decide.waitFor({ timeout: 60_000 });
    const asked = shown('Approve');
    expect(asked.conversation).toMatch(new RegExp(`^${INCIDENTS};messageid=\\d+$`));
    await shot(page, 'teams-decide', decide.getByRole('button', { name: 'Approve' }));

    const stranger = await press('sam', asked, asked.card, 'Approve');
    expect(JSON.stringify(stranger.value)).toMatch(
      /sam@elsewhere\.example is not on the list of people who may approve/,
    );
    const form = await press('ben', asked, asked.card, 'Approve');
    expect(JSON.stringify(form.value)).toContain(WORDS);

    await decide.getByRole('button', { name: 'Approve' }).click();
    const words = page.getByRole('textbox', { name: WORDS });
    const filling = cardWith(page, words);
    await words.fill(CHECK);
    await shot(page, 'teams-approve', words);
    await words.fill('ok');
    await filling.getByRole('button', { name: 'Approve and run' }).click();
    await filling.getByText(/at least 8 characters/).waitFor();
    await words.fill('ok ok ok ok');
    await filling.getByRole('button', { name: 'Approve and run' }).click();
    await see(page, /That says nothing; name what you looked at/);
    await words.fill(CHECK);
    await filling.getByRole('button', { name: 'Approve and run' }).click();
    await see(page, /Approved by ana@example\.com/);

    const late = await press('ben', asked, form.value, 'Approve and run', { words: 'I compared both versions, too.' });
    expect(JSON.stringify(late.value)).toMatch(/ana@example\.com approved/i);
    await page
      .getByText(/Recovery verified: 2 of 2 checks met/)
      .first()
      .waitFor({ timeout: 90_000 });
    await see(page, /Recovery is verified\. Still for a person/);
    await shot(page, 'teams-resolved', page.getByText('Type a message...').last());
    expect(messages().filter(({ conversation }) => conversation === INCIDENTS)).toHaveLength(1);

    const verified = await countersign(['log', 'verify'], local.environment());
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('log ok') });
  });

  it('answers a command in the chat of the one who asked', async () => {
    await page.getByText('Personal Chat', { exact: true }).click();
    const field = page.locator('[data-lexical-editor=true]').last();
    await field.fill('list all');
    await field.press('Enter');
    await see(page, /daily_transactions/);
    await shot(page, 'teams-personal');
  });

  it('is reachable from this machine alone, as everybody in it may act as anybody', async () => {
    const { port } = new URL(local.url);
    for (const address of addressesOutside()) await expect(fetch(`http://${address}:${port}/`)).rejects.toThrow();
    expect((await fetch(local.url)).status).toBe(200);
  });

  it('has no complaint of the browser', () => {
    expect(complaints.filter((one) => !/net::ERR_FAILED|cdn\.office\.net/.test(one))).toEqual([]);
  });
});

function addressesOutside(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((of) => of ?? []);
  return all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
}

function cardWith(page: Page, inside: Locator): Locator {
  return page.locator('.ac-adaptiveCard', { has: inside }).last();
}

/** For docs: `SCREENSHOTS=docs/images npx vitest run --project e2e test/e2e/teams.test.ts`. */
async function shot(page: Page, name: string, of?: Locator): Promise<void> {
  const to = process.env['SCREENSHOTS'];
  if (to === undefined) return;
  await of?.scrollIntoViewIfNeeded();
  await page.screenshot({ path: join(to, `${name}.png`), clip: THREAD });
}

interface LocalTeams {
  url: string;
  /** Of the command line, for the started app. */
  environment(): NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

async function startLocalTeams(cwd: string): Promise<LocalTeams> {
  const env = freshEnvironment(join(cwd, 'unused'));
  const child: ChildProcess = spawn(process.execPath, [LOCAL_TEAMS, '--port', '0', '--web-port', '0'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  let said = '';
  const url = await new Promise<string>((found, failed) => {
    child.once('exit', () => failed(new Error(`the local Teams ended:\n${said}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const address = /not Teams\): (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
        if (address !== undefined && /Ctrl-C ends it/.test(said)) found(address);
      });
    }
  });
  return {
    url,
    environment: () => ({ ...env, ...parseEnv(readFileSync(join(cwd, 'var/teams/env'), 'utf8')) }),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
