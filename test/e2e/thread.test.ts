import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/domain/canonical.js';
import type { NewEvent } from '../../src/domain/events.js';
import type { Proposal } from '../../src/domain/proposal.js';
import { launchBrowser } from '../support/browser.js';
import { type House, type HouseOptions, openHouse } from './house.js';
import {
  answered,
  CALLS,
  called,
  diagnosed,
  INCIDENT,
  at as minutesOn,
  opened,
  proposed,
  repairFinished,
  repairStarted,
  resolved,
  sampleProposal,
  started,
  stepped,
  untilProposal,
  verified,
} from './sample-story.js';
import { expectNoSidewaysScroll, nameOneself, openThread, see, type Visitor, visit } from './visitor.js';

describe('the thread in a browser', () => {
  let browser: Browser;
  const houses: House[] = [];
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterEach(async () => {
    const complaints = visitors.flatMap((visitor) => visitor.complaints);
    for (const visitor of visitors.splice(0)) await visitor.leave();
    for (const house of houses.splice(0)) await house.close();
    expect(complaints).toEqual([]);
  });
  afterAll(() => browser.close());

  const house = async (options: HouseOptions = {}): Promise<House> => {
    const made = await openHouse(options);
    houses.push(made);
    return made;
  };
  const visitor = async (...args: Parameters<typeof visit> extends [Browser, ...infer R] ? R : never) => {
    const made = await visit(browser, ...args);
    visitors.push(made);
    return made.page;
  };
  const waitingHouse = async (change: Partial<Proposal> = {}, options: HouseOptions = {}): Promise<House> => {
    const made = await house(options);
    await made.tell(untilProposal(sampleProposal(change)));
    return made;
  };

  it('grows as the log does, without being loaded again', async () => {
    const at = await house();
    await at.tell([opened()]);
    const page = await visitor();
    await openThread(page, at);
    await see(page, 'Investigating');
    await page.evaluate('window.stayed = true');
    await at.tell([started()]);
    for (const [index, call] of CALLS.entries()) {
      await at.tell([called(index)]);
      await see(page, call.thought);
      await see(page, 'asking…');
      await at.tell([answered(index)]);
      await see(page, call.headline);
    }
    await at.tell([diagnosed(), proposed()]);
    await see(page, 'Diagnosis: column renamed, in the schema registry');
    await see(page, 'Waiting for a decision');
    expect(await page.locator('.call').count()).toBe(CALLS.length);
    expect(await page.title()).toMatch(/^◆ daily_transactions/);
    expect(await page.evaluate('window.stayed')).toBe(true);
  });

  it('takes an approval with an independent check, and shows it to somebody else at once', async () => {
    const at = await waitingHouse();
    const [page, other] = [await visitor(), await visitor()];
    await nameOneself(page, at, 'ana@example.com');
    await openThread(page, at);
    await openThread(other, at);
    await page.locator('summary', { hasText: 'Approve' }).click();
    await see(page, 'You decide as ana@example.com');
    await page.getByRole('button', { name: 'Approve and run' }).click();
    await see(page, 'Say what you checked yourself, in at least 8 characters.');
    const box = page.getByLabel('What did you check yourself?');
    expect(await box.getAttribute('aria-invalid')).toBe('true');
    await box.fill('Compared registry versions 13 and 14 myself, only the name differs');
    await page.getByRole('button', { name: 'Approve and run' }).click();
    await see(page, /ana@example\.com approved this on/);
    await see(other, /Approved by ana@example\.com/);
    expect(await other.getByRole('button', { name: 'Approve and run' }).count()).toBe(0);
    await at.tell([repairStarted(), stepped(0, 'started')]);
    await see(other, 'Repair running: 0 of 2 steps done');
    await at.tell([stepped(0, 'applied'), stepped(1, 'started'), stepped(1, 'applied'), repairFinished('succeeded')]);
    await at.tell([verified(false), verified(true, 2), resolved()]);
    await see(other, 'Recovery verified: 2 of 2 checks met');
    await see(other, 'Resolved in 12 min, recovery verified');
  });

  it('takes a change through the form, with faults beside their fields, as a new version', async () => {
    const step = {
      ...(sampleProposal().steps[0] as Proposal['steps'][number]),
      action: { do: 'resource_increase' as const, target: 'daily_transactions.executor_memory_gi', value: 16 },
      title: 'Raise executor memory of daily_transactions to 16 Gi',
      preconditions: [
        {
          fact: 'config.value' as const,
          target: 'daily_transactions.executor_memory_gi',
          op: 'equals' as const,
          value: '8',
          text: 'executor_memory_gi is still 8',
          withinSeconds: 0,
        },
      ],
      before: '8',
      after: '16',
    };
    const at = await waitingHouse({ steps: [step] });
    const page = await visitor();
    await nameOneself(page, at, 'ana@example.com');
    await openThread(page, at);
    await page.locator('summary', { hasText: 'Modify' }).click();
    const value = page.locator('form[id$="-modify"] input[type=number]');
    await value.fill('900');
    await page.getByRole('button', { name: 'Save as a new version' }).click();
    await see(page, 'Not counted yet.');
    expect(await page.locator('.field.faulty .fault').textContent()).toMatch(/24/);
    expect(await value.inputValue()).toBe('900');
    await value.fill('20');
    await page.getByRole('button', { name: 'Save as a new version' }).click();
    await see(page, 'Version 1: replaced by ana@example.com');
    await see(page, /Decide on version 2/);
    await see(page, 'What ana@example.com changed');
  });

  it('takes a rejection with its reason, and changes nothing', async () => {
    const at = await waitingHouse();
    const page = await visitor();
    await nameOneself(page, at, 'ben@example.com');
    await openThread(page, at);
    await page.locator('summary', { hasText: 'Reject' }).click();
    await page.getByLabel('Why not?').fill('We merge the patch instead');
    await page.getByRole('button', { name: 'Reject' }).last().click();
    await see(page, /Rejected by ben@example\.com/);
    await see(page, 'We merge the patch instead');
    expect(at.log.jobs).toEqual([]);
  });

  it('refuses a stranger, says why, and leaves the decision to others', async () => {
    const at = await waitingHouse();
    const page = await visitor();
    await nameOneself(page, at, 'intern@example.com');
    await openThread(page, at);
    await page.locator('summary', { hasText: 'Approve' }).click();
    await page.getByLabel('What did you check yourself?').fill('Looked at the registry and the blame of the file');
    await page.getByRole('button', { name: 'Approve and run' }).click();
    await see(page, /Not counted: intern@example\.com is not on the list/);
    expect(at.log.jobs).toEqual([]);
    expect(await page.locator('summary', { hasText: 'Approve' }).count()).toBe(1);
  });

  it('tells a visitor who said no name to do so first', async () => {
    const at = await waitingHouse();
    const page = await visitor();
    await openThread(page, at);
    await page.locator('summary', { hasText: 'Approve' }).click();
    await page.getByLabel('What did you check yourself?').fill('Looked at the registry and the blame of the file');
    await page.getByRole('button', { name: 'Approve and run' }).click();
    await see(page, 'Not counted: say who you are first');
    expect(at.log.jobs).toEqual([]);
  });

  it('keeps what somebody is typing while the thread goes on', async () => {
    const at = await waitingHouse();
    const [page, other] = [await visitor(), await visitor()];
    await openThread(page, at);
    await page.locator('summary', { hasText: 'Approve' }).click();
    await page.getByLabel('What did you check yourself?').fill('half a sentence');
    await nameOneself(other, at, 'ben@example.com');
    await openThread(other, at);
    await other.getByLabel('Add a note').fill('The source team is awake.');
    await other.getByRole('button', { name: 'Add the note' }).click();
    await see(page, 'The source team is awake.');
    expect(await page.getByLabel('What did you check yourself?').inputValue()).toBe('half a sentence');
  });

  it('asks the agent, shows the calls as they are made, and the answer beside notes in order of time', async () => {
    const at = await waitingHouse();
    const page = await visitor();
    await nameOneself(page, at, 'ana@example.com');
    await openThread(page, at);
    await see(page, '8 tool calls are left over for questions.');
    await page.getByLabel('Ask the agent').fill('Did the upstream table change its schema yesterday?');
    await page.getByLabel('Tool calls you allow beyond those left over').selectOption('2');
    await page.getByRole('button', { name: 'Ask' }).click();
    await see(page, 'Your question is in. The agent may use up to 10 tool calls for it.');
    await see(page, 'ana@example.com asked and allowed 2 more tool calls here');
    await see(page, 'The agent is looking.');
    const [job] = at.log.jobs;
    const question = job?.question ?? '';
    expect(at.log.jobs).toEqual([{ queue: 'investigate', id: `ask-${question}`, incident: INCIDENT, question }]);
    await page.evaluate('window.stayed = true');
    await at.tell(answeredQuestion(question).slice(0, 1));
    await see(page, 'asking…');
    await at.tell(answeredQuestion(question).slice(1));
    await see(page, 'Written by the playbook, not checked by a person');
    await see(page, 'No schema change since.');
    expect(await page.evaluate('window.stayed')).toBe(true);
    expect(await page.locator('#trace-lines .call').count()).toBe(CALLS.length);
    expect(await page.locator('.question .call').count()).toBe(1);
    await page.getByLabel('Add a note').fill('Thank you.');
    await page.getByRole('button', { name: 'Add the note' }).click();
    const said = await page.locator('#talk-list > li').allTextContents();
    expect(said.map((text) => /upstream table|Thank you/.exec(text)?.[0])).toEqual(['upstream table', 'Thank you']);
  });

  it('takes a question without scripts, and says who may not grant', async () => {
    const at = await waitingHouse();
    const page = await visitor({ javaScriptEnabled: false });
    await nameOneself(page, at, 'intern@example.com');
    await openThread(page, at);
    await page.getByLabel('Ask the agent').fill('Why did it fail?');
    await page.getByLabel('Tool calls you allow beyond those left over').selectOption('1');
    await page.getByRole('button', { name: 'Ask' }).click();
    await see(page, 'intern@example.com is on no approver list');
    expect(at.log.jobs).toEqual([]);
    await page.getByLabel('Ask the agent').fill('Why did it fail?');
    await page.getByRole('button', { name: 'Ask' }).click();
    await see(page, 'Your question is in.');
    await see(page, 'Why did it fail?');
    expect(at.log.jobs).toHaveLength(1);
  });

  it('opens the stored answer behind a quote, with the quote marked', async () => {
    const at = await waitingHouse();
    const page = await visitor();
    await openThread(page, at);
    await page.getByText('Show it in the tool’s whole answer').first().click();
    await see(page, /compatibility=BACKWARD/);
    expect(await page.locator('mark').first().textContent()).toContain('kind=column_renamed');
  });

  it('goes on after the server was away, with what happened in the meantime', async () => {
    const first = await openHouse();
    await first.tell([opened(), started(), called(0)]);
    const page = await visitor();
    await openThread(page, first);
    await see(page, 'asking…');
    const port = Number(new URL(first.url).port);
    await first.close();
    visitors.at(-1)?.complaints.splice(0);
    const second = await house({ port, log: first.log });
    await second.tell([answered(0), called(1)]);
    await see(page, CALLS[1]?.thought ?? '');
    expect(await page.locator('.call').count()).toBe(2);
    visitors.at(-1)?.complaints.splice(0);
  });

  it('works without scripts: forms come back with faults, and answers are shown after a redirect', async () => {
    const at = await waitingHouse();
    const page = await visitor({ javaScriptEnabled: false });
    await nameOneself(page, at, 'ana@example.com');
    await openThread(page, at);
    await page.locator('summary', { hasText: 'Approve' }).click();
    await page.getByLabel('What did you check yourself?').fill('ok');
    await page.getByRole('button', { name: 'Approve and run' }).click();
    await see(page, 'Say what you checked yourself, in at least 8 characters.');
    expect(await page.getByLabel('What did you check yourself?').inputValue()).toBe('ok');
    await page.getByLabel('What did you check yourself?').fill('Compared both versions of the schema by hand');
    await page.getByRole('button', { name: 'Approve and run' }).click();
    await see(page, /ana@example\.com approved this on/);
    await see(page, 'Approved by ana@example.com');
    expect(page.url()).toBe(`${at.url}/incidents/${INCIDENT}`);
  });

  it('shows text from outside as text', async () => {
    const at = await house();
    const alert = opened();
    if (alert.type !== 'incident.opened') throw new Error('not the opening');
    alert.data.title = '<img src=x onerror="window.owned=1"> "quoted" https://evil.example/now';
    alert.data.alert.text = '</p><script>window.owned=1</script><a href="javascript:owned=1">click</a>';
    await at.tell([alert]);
    const page = await visitor();
    await openThread(page, at);
    await at.tell([started()]);
    await see(page, /of at most 12 tool calls/);
    await page.getByText('The alert of').click();
    await see(page, /<script>window.owned=1<\/script>/);
    expect(await page.evaluate('window.owned')).toBeUndefined();
    expect(await page.locator('main a[href*="evil"], main a[href^="javascript"], main img').count()).toBe(0);
  });

  it('fits a phone, with targets that a thumb can hit', async () => {
    const at = await waitingHouse();
    const page = await visitor({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
    await nameOneself(page, at, 'ana@example.com');
    await expectNoSidewaysScroll(page);
    await openThread(page, at);
    await page.getByRole('link', { name: 'Read and decide' }).tap();
    await page.locator('summary', { hasText: 'Approve' }).tap();
    await expectNoSidewaysScroll(page);
    for (const target of await page.locator('.actions .button:visible, .top a').all()) {
      const box = await target.boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(44);
    }
  });

  it('can be used with the keyboard alone', async () => {
    const at = await waitingHouse();
    const page = await visitor();
    await nameOneself(page, at, 'ana@example.com');
    await openThread(page, at);
    const focused = (): Promise<string> =>
      page.evaluate('document.activeElement.textContent || document.activeElement.id');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await tabTo(page, /Read and decide/, focused);
    await page.keyboard.press('Enter');
    await tabTo(page, /^Approve$/, focused);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Compared both schema versions, the type is the same');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Approve and run');
    await page.keyboard.press('Enter');
    await see(page, /ana@example\.com approved this on/);
  });

  it('follows the light or dark of the system', async () => {
    const at = await waitingHouse();
    const ground = async (colorScheme: 'light' | 'dark'): Promise<string> => {
      const page = await visitor({ colorScheme });
      await openThread(page, at);
      return page.evaluate('getComputedStyle(document.body).backgroundColor');
    };
    expect(await ground('light')).toBe('rgb(246, 246, 243)');
    expect(await ground('dark')).toBe('rgb(21, 24, 26)');
  });
});

/** What the investigator writes for a question: a call, its answer, and the answer to the question. */
function answeredQuestion(questionId: string): NewEvent[] {
  const actor = { kind: 'agent' as const, id: 'playbook', role: 'investigator' };
  const { tool, args, observation } = CALLS[3] as (typeof CALLS)[number];
  const callId = 'call-5';
  const call = { callId, call: 5, question: questionId, tool, args };
  const back = { callId, status: 'ok' as const, observation: sha256Hex(observation), bytes: 1, truncated: false };
  const quote = 'table name=bronze.transactions version=4182';
  const evidence = [{ callId, tool, quote, supports: 'the version', observation: sha256Hex(observation) }];
  const answer = { questionId, outcome: 'answered' as const, text: 'No schema change since.', evidence, struck: [] };
  return [
    { type: 'tool.called', data: { ...call, thought: 'Look again.', hypothesis: 'No.', confidence: 0.5 }, actor },
    { type: 'tool.answered', data: { ...back, redactions: 0, flags: [], durationMs: 1, headline: 'unchanged' }, actor },
    { type: 'question.answered', data: { ...answer, toolCalls: 1 }, actor, at: minutesOn(20) },
  ];
}

async function tabTo(
  page: Awaited<ReturnType<typeof visit>>['page'],
  wanted: RegExp,
  focused: () => Promise<string>,
): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (wanted.test(await focused())) return;
  }
  throw new Error(`nothing that says ${wanted} can be reached with Tab`);
}
