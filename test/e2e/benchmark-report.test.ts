import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderHtmlReport } from '../../src/evaluate/report-html.js';
import { sampleRun } from '../support/benchmark-run.js';
import { launchBrowser } from '../support/browser.js';

const folder = mkdtempSync(join(tmpdir(), 'countersign-report-'));
const file = join(folder, 'report.html');
let browser: Browser;

beforeAll(async () => {
  writeFileSync(file, renderHtmlReport([sampleRun({ dev: 8, heldout: 8 }), sampleRun({ dev: 8, heldout: 8, cap: 6 })]));
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The report as a browser opens it, with whatever it complains of or asks for. */
async function open(width: number): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) complaints.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  return { page, complaints };
}

describe('the report page', () => {
  it.each([390, 1280])('at %i pixels scrolls down only, asks for nothing and runs nothing hostile', async (width) => {
    const { page, complaints } = await open(width);
    for (const details of await page.locator('details.run').all())
      await details.evaluate('(el) => { el.open = true; }');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('filters the table and the traces, and a row opens its trace', async () => {
    const { page } = await open(1280);
    expect(await page.locator('#shown').textContent()).toBe('48 of 48 runs');
    await page.selectOption('[data-filter=split]', 'heldout');
    await page.selectOption('[data-filter=tags]', 'injection');
    const rows = await page.locator('tr[data-run]:visible').count();
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThan(24);
    expect(await page.locator('details.run:visible').count()).toBe(rows);
    await page.locator('tr[data-run]:visible a').first().click();
    await page.waitForSelector('details.run[open] pre');
    expect(await page.locator('details.run[open]').count()).toBe(1);
    await page.close();
  });
});
