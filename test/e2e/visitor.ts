import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { House } from './house.js';
import { INCIDENT } from './sample-story.js';

/** Somebody with a browser of their own: cookies and faults of one visitor do not touch another. */
export interface Visitor {
  page: Page;
  /** What the browser complained about: script errors, refused content, failed requests. */
  complaints: string[];
  leave(): Promise<void>;
}

export async function visit(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // A refused click is an answer with a status of its own; the browser notes it, and the page shows it.
    if (message.type() === 'error' && !/status of (401|403|409|422)/.test(message.text()))
      complaints.push(message.text());
  });
  return { page, complaints, leave: () => context.close() };
}

/** Says who one is on the page for that, as a person would. */
export async function nameOneself(page: Page, house: House, person: string): Promise<void> {
  await page.goto(`${house.url}/who`);
  await page.getByLabel(person).check();
  await page.getByRole('button', { name: 'That is me' }).click();
  await page.waitForURL(`${house.url}/`);
}

export async function openThread(page: Page, house: House, incident = INCIDENT): Promise<void> {
  await page.goto(`${house.url}/incidents/${incident}`);
}

/** Waits until the text can be seen somewhere on the page. */
export async function see(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).filter({ visible: true }).first().waitFor();
}

/** Nothing reaches over the right edge: on a phone one scrolls in one direction only. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [content, window] = (await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  )) as [number, number];
  expect(content).toBeLessThanOrEqual(window);
}
