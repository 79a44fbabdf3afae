import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser.js';
import { openHouse } from './house.js';
import { opened, resolved, started, untilProposal, untilRepaired, verified } from './sample-story.js';
import { expectNoSidewaysScroll, see, visit } from './visitor.js';

describe('the list, the log and the way in', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('lists incidents as they come, filters them, and leads to the thread', async () => {
    const house = await openHouse();
    const { page, complaints, leave } = await visit(browser);
    await page.goto(house.url);
    await see(page, 'No incident fits.');
    await house.tell([opened(), started()], 'INC-FIRST00');
    await see(page, '1 incident, nothing waits for a decision.');
    await house.tell(untilProposal());
    await see(page, '2 incidents, 1 waiting for a decision.');
    expect(await page.title()).toBe('◆ 1 to decide · Countersign');
    await house.tell([...untilRepaired(), verified(true), resolved()], 'INC-DONE000');
    await see(page, '3 incidents, 1 waiting for a decision.');
    await page.getByLabel('Status').selectOption('resolved');
    await page.getByRole('button', { name: 'Filter' }).click();
    await see(page, '1 incident, nothing waits for a decision.');
    await see(page, 'recovered after 12 min');
    await page.locator('.row').click();
    await see(page, 'Resolved in 12 min, recovery verified');
    await page.goto(`${house.url}/?text=${encodeURIComponent('<b>nothing</b>')}`);
    await see(page, 'No incident fits.');
    expect(await page.getByLabel('Text').inputValue()).toBe('<b>nothing</b>');
    expect(complaints).toEqual([]);
    await leave();
    await house.close();
  });

  it('asks for a named token where it can be reached from elsewhere', async () => {
    const house = await openHouse({ tokens: { 'token-of-ana-0123456789': 'ana@example.com' } });
    await house.tell(untilProposal());
    const { page, complaints, leave } = await visit(browser, { viewport: { width: 360, height: 740 } });
    await page.goto(`${house.url}/log`);
    await expectNoSidewaysScroll(page);
    await page.getByLabel('Your token').fill('not-a-token');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await see(page, 'That token is not known.');
    await page.getByLabel('Your token').fill('token-of-ana-0123456789');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await see(page, 'Newest signed checkpoint');
    expect(new URL(page.url()).pathname).toBe('/log');
    await expectNoSidewaysScroll(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await see(page, 'Your token');
    await page.goto(house.url);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(complaints).toEqual([]);
    await leave();
    await house.close();
  });
});
