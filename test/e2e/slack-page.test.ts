import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { localSecrets, localWorkspace } from '../support/slack/local-workspace.js';
import { createSlackPage, type SlackPage } from '../support/slack/page/page.js';
import { startSlack } from '../support/slack/server.js';
import type { SlackServer } from '../support/slack/server-types.js';
import { type SmallApp, startSmallApp } from './slack-page-app.js';
import { expectNoSidewaysScroll, see, visit } from './visitor.js';

const CHANNEL = 'C0INCIDENT';
const ANA = 'U0ANA00001';
const SAM = 'U0STRANGER';
const DESKTOP = { viewport: { width: 1280, height: 860 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe('the page of the local Slack', () => {
  let browser: Browser;
  let slack: SlackServer;
  let slackPage: SlackPage;
  let app: SmallApp;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    const secrets = localSecrets('no such file');
    slackPage = createSlackPage();
    slack = await startSlack({ ...localWorkspace(secrets, false), page: slackPage.handle });
    slackPage.attach(slack);
    const { botId, botUserId } = slack.workspace.app;
    app = await startSmallApp({
      apiUrl: slack.apiUrl,
      token: secrets.botToken,
      signingSecret: secrets.signingSecret,
      bot: { botId, botUserId },
    });
    await slack.setRequestUrl(app.url);
  });
  afterEach(async () => {
    await app.close();
    slackPage.close();
    await slack.close();
  });

  const open = async (path: string, options: BrowserContextOptions): ReturnType<typeof visit> => {
    const visitor = await visit(browser, options);
    await visitor.page.goto(`${slack.url}${path}`);
    return visitor;
  };
  const write = async (page: Page, text: string): Promise<void> => {
    const field = page.getByRole('textbox', { name: 'Message #data-incidents' });
    await field.fill(text);
    await field.press('Enter');
  };

  it('carries an incident from a mention to an approval', async () => {
    const { page, complaints, leave } = await open(`/ui/${ANA}/c/${CHANNEL}`, DESKTOP);
    await see(page, 'Simulator, not Slack.');
    await write(page, '@Countersign what about `orders` & <others>?');
    await see(page, 'Orders pipeline is late');
    await see(page, '1 reply');
    expect(slack.workspace.channelByName('data-incidents').messages[0]?.text).toBe(
      '<@U0BOT00001> what about `orders` &amp; &lt;others&gt;?',
    );

    await page.getByRole('link', { name: '1 reply' }).click();
    await see(page, 'Investigated in 2 steps');
    await page.getByText('Investigated in 2 steps').click();
    await page.getByText('Read the log').click();
    await see(page, 'KeyError: currency');
    await page.getByRole('textbox', { name: 'Reply in the thread' }).fill('Looking at it');
    await page.getByRole('button', { name: 'Send reply' }).click();
    await page.getByRole('complementary', { name: 'Thread' }).getByText('Looking at it').waitFor();
    await see(page, '2 replies');
    // What changed beside it left the fold as it was.
    await see(page, 'KeyError: currency');

    await page.getByRole('main').getByRole('button', { name: 'Approve' }).click();
    const dialog = page.getByRole('dialog', { name: 'Approve the repair' });
    await dialog.waitFor();
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await dialog.getByText('Please complete this required field.').first().waitFor();
    await dialog.getByRole('textbox', { name: 'What did you check yourself?' }).fill('copied from the card');
    await dialog.getByRole('textbox', { name: 'Memory, GiB' }).fill('many');
    await dialog.getByRole('radio', { name: 'Table' }).check();
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await dialog.getByText('Must be a valid number.').waitFor();
    await dialog.getByRole('textbox', { name: 'Memory, GiB' }).fill('8');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await dialog.getByText('That is copied from the card.').waitFor();
    await dialog.getByRole('button', { name: 'Show evidence' }).click();
    const pushed = page.getByRole('dialog', { name: 'Evidence' });
    await pushed.getByText('Row 7 has no currency.').waitFor();
    await pushed.getByRole('button', { name: 'Back' }).click();
    // What was typed is there again below the view that was on top.
    const words = dialog.getByRole('textbox', { name: 'What did you check yourself?' });
    expect(await words.inputValue()).toBe('copied from the card');
    expect(await dialog.getByRole('radio', { name: 'Table' }).isChecked()).toBe(true);
    await words.fill('I counted the rows of yesterday');
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await see(page, 'approved');
    expect(await page.getByText('(edited)').count()).toBe(0);
    expect(app.heard.at(-1)).toBe(`form "I counted the rows of yesterday" table by ${ANA}`);
    expect(complaints).toEqual([]);
    await leave();
  });

  it('asks before a dangerous button, sends choices, and shows answers to one person alone', async () => {
    const { page, complaints, leave } = await open(`/ui/${ANA}/c/${CHANNEL}`, DESKTOP);
    const other = await open(`/ui/${SAM}/c/${CHANNEL}`, DESKTOP);
    await write(page, '@Countersign');
    await see(page, 'Orders pipeline is late');
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByRole('dialog', { name: 'Reject it?' }).getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('button', { name: 'Reject' }).click();
    await page.getByRole('button', { name: 'Yes, reject' }).click();
    await see(page, 'Only visible to you');
    await page.getByRole('combobox', { name: 'Severity' }).selectOption('high');
    await expect.poll(() => app.heard.at(-1)).toBe(`press level high by ${ANA}`);
    await page.getByRole('button', { name: 'More choices' }).click();
    await page.getByRole('menuitem', { name: 'Show evidence' }).click();
    await expect.poll(() => app.heard.at(-1)).toBe(`press more show evidence by ${ANA}`);
    expect(app.heard.filter((line) => line.startsWith('press drop'))).toHaveLength(1);

    await see(other.page, 'Orders pipeline is late');
    expect(await other.page.getByText('Only visible to you').count()).toBe(0);
    await page.reload();
    await see(page, 'Orders pipeline is late');
    await expect.poll(() => page.getByText('Only visible to you').count()).toBe(0);
    expect(complaints).toEqual([]);
    await leave();
    await other.leave();
  });

  it('runs commands and shortcuts, and says when the app does not answer', async () => {
    const { page, complaints, leave } = await open(`/ui/${SAM}/c/${CHANNEL}`, DESKTOP);
    await page.getByRole('textbox', { name: 'Message #data-incidents' }).pressSequentially('/cou');
    await page.getByRole('option', { name: '/countersign' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('help');
    await page.keyboard.press('Enter');
    await see(page, 'You asked: help. <script>alert(1)</script>');
    await write(page, '/nonsense');
    await see(page, '/nonsense is not a valid command.');

    await write(page, 'FIRING: orders_late');
    const alert = page.getByRole('article').filter({ hasText: 'FIRING: orders_late' });
    await alert.hover();
    await alert.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: /Investigate this alert/ }).click();
    await see(page, 'It is investigated.');
    expect(app.heard.at(-1)).toBe(`shortcut on "FIRING: orders_late" by ${SAM}`);

    app.mute = true;
    await write(page, '/countersign help');
    await see(page, '/countersign failed with the error "operation_timeout"');
    app.mute = false;
    expect(complaints).toEqual([]);
    await leave();
  });

  it('has the home tab, unread marks, a choice of person and the weather', async () => {
    const { page, complaints, leave } = await open(`/ui/${ANA}/home`, DESKTOP);
    await see(page, 'Open incidents');
    await slack.person(SAM).post('data-critical', `Wake up <@${ANA}>`);
    await page
      .getByRole('link', { name: /data-critical/ })
      .getByLabel('1 mentions')
      .waitFor();
    await page.getByRole('link', { name: /data-critical/ }).click();
    await see(page, 'Wake up @Ana (on-call)');
    await page.getByRole('combobox', { name: 'Who am I' }).selectOption({ label: 'Nina (no e-mail)' });
    await page.waitForURL(/U0NOMAIL01/);

    await page.getByText('Weather').click();
    await page.getByLabel('What goes wrong').selectOption({ label: 'Not done, answered 500' });
    await page.getByLabel('How often').selectOption({ label: 'on every call' });
    await page.getByRole('button', { name: 'Add fault' }).click();
    await page.getByRole('button', { name: 'Remove: Not done, answered 500' }).waitFor();
    await expect(app.client.auth.test()).rejects.toThrow();
    await page.getByRole('button', { name: 'Clear sky' }).click();
    await page.getByText('Struck so far: Not done, answered 500: 1').waitFor();
    await expect(app.client.auth.test()).resolves.toMatchObject({ ok: true });
    await page.getByRole('cell', { name: 'auth.test' }).waitFor();
    await page.getByRole('button', { name: 'Take Slack down' }).click();
    await page.getByRole('button', { name: 'Bring Slack back' }).waitFor();
    await expect(app.client.auth.test()).rejects.toThrow();
    expect(complaints).toEqual([]);
    await leave();
  });

  it('shows one pane at a time on a phone', async () => {
    const { page, complaints, leave } = await open(`/ui/${ANA}`, PHONE);
    // On a slow phone nothing that is done before the script is there may be lost.
    await page.route('**/client.js', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 400));
      await route.continue();
    });
    await page.getByRole('link', { name: /data-incidents/ }).tap();
    await write(page, '@Countersign look');
    await see(page, 'Orders pipeline is late');
    await expectNoSidewaysScroll(page);
    await page.getByRole('link', { name: '1 reply' }).tap();
    await see(page, 'Investigated in 2 steps');
    expect(await page.getByRole('main').isVisible()).toBe(false);
    await expectNoSidewaysScroll(page);
    await page.getByRole('link', { name: 'Back to the channel' }).tap();
    await page.getByRole('button', { name: 'Approve' }).tap();
    await page.getByRole('dialog', { name: 'Approve the repair' }).waitFor();
    await expectNoSidewaysScroll(page);
    await page.getByRole('button', { name: 'Cancel' }).tap();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('link', { name: 'Back to the channels' }).tap();
    await page.getByRole('link', { name: 'Countersign' }).tap();
    await see(page, 'Open incidents');
    expect(complaints).toEqual([]);
    await leave();
  });
});
