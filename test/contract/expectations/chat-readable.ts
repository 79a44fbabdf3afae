import { expect } from 'vitest';
import { sha256Hex } from '../../../src/domain/canonical.js';
import type { ProposalStep } from '../../../src/domain/proposal.js';
import { CALLS, OBSERVATIONS, sampleProposal } from '../../e2e/sample-story.js';
import type { ChatGiven } from '../chat.js';
import type { Expectation } from '../contract.js';
import { low, told, waiting } from './chat-given.js';

/** Words from outside that would do something if a chat took them at their word. */
const HOSTILE = [
  '<script>window.owned=1</script>',
  '<img src=x onerror="owned()">',
  '<!channel> <!here> <@U0ANA> <#C0ALL> <!subteam^S0ONCALL>',
  '@channel @here @everyone',
  '<https://evil.example/a|Approve here> [Approve](https://evil.example/b)',
  'https://evil.example/c javascript:owned()',
  '</pre></div>```*bold* _it_ ~gone~ `code`\n> quoted',
  '<at>Ana</at> &lt;!channel&gt; &amp;',
].join('\n');
/** Its parts that must still be readable, as they were sent. */
const READABLE = [
  '<script>window.owned=1</script>',
  '<!channel>',
  '<@U0ANA>',
  'https://evil.example/c',
  '*bold*',
  '&lt;!channel&gt;',
];

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** What is long, and what is not to be trusted: all of it can be read, and none of it does anything. */
export const READABLE_IN_FULL: Expectation<ChatGiven>[] = [
  {
    name: 'the trace can be read in full: thought, hypothesis, arguments and outcome of every call',
    async check(given) {
      const { incident } = await waiting(given, low);
      const text = flat(await given.detail('ana', incident, 'trace'));
      for (const call of CALLS) {
        expect(text).toContain(flat(call.thought));
        expect(text).toContain(flat(call.hypothesis));
        expect(text).toContain(call.tool);
        expect(text).toContain(flat(call.headline));
      }
      expect(text).toContain('dags/transactions/transform.py');
    },
  },
  {
    name: 'the evidence can be read where it was found: the stored answer, every line of it',
    async check(given) {
      const { incident } = await waiting(given, low);
      const text = flat(await given.detail('intern', incident, 'evidence'));
      for (const stored of [OBSERVATIONS.registry, OBSERVATIONS.blame])
        for (const line of stored.split('\n')) expect(text).toContain(flat(line).trim());
    },
  },
  {
    name: 'words of an alert do nothing: no link, no call for people, no markup comes alive, and all can be read',
    async check(given) {
      const incident = await told(
        given,
        ({ opened: { data } }) => {
          data.title = `<!channel> <script>owned()</script> *x* https://evil.example/title`;
          data.alert.title = data.title;
          data.alert.text = HOSTILE;
          data.alert.link = 'javascript:owned()';
          data.pipeline = '<!here>';
          data.owner = '<@U0ANA>';
        },
        {},
      );
      const seen = await given.see(incident);
      expect(seen.alive).toEqual([]);
      const all = flat(await given.everything('ana', incident));
      for (const part of READABLE) expect(all).toContain(part);
      expect(seen.headline).toContain('<script>owned()</script>');
    },
  },
  {
    name: "the model's words do nothing either, in the diagnosis, the proposal and the trace",
    async check(given) {
      const incident = await told(
        given,
        ({ diagnosed: { data } }) => {
          data.diagnosis.summary = HOSTILE;
          data.diagnosis.ruledOut = [{ hypothesis: HOSTILE.slice(0, 250), why: HOSTILE.slice(0, 250) }];
          for (const cause of data.diagnosis.causes) cause.claim = `Cause: ${HOSTILE}`.slice(0, 300);
          for (const evidence of data.diagnosis.evidence) evidence.supports = HOSTILE.slice(0, 250);
        },
        { why: HOSTILE, attachments: [{ file: '<!here>.py', diff: `+${HOSTILE}`, note: HOSTILE.slice(0, 200) }] },
      );
      const seen = await given.see(incident);
      expect(seen.alive).toEqual([]);
      for (const part of READABLE) expect(flat(seen.text)).toContain(part);
    },
  },
  {
    name: 'a diff of 200 columns can be read completely, in order, before and after',
    async check(given) {
      const column = (at: number, suffix = ''): string => `c${String(at).padStart(3, '0')}${suffix}: string`;
      const names = Array.from({ length: 200 }, (_, at) => at);
      const step: ProposalStep = {
        ...(sampleProposal().steps[0] as ProposalStep),
        before: names.map((at) => column(at)).join('\n'),
        after: names.map((at) => column(at, '_new')).join('\n'),
      };
      const { incident } = await waiting(given, low, { steps: [step], attachments: [] });
      const all = await given.everything('ana', incident);
      for (const suffix of ['', '_new']) {
        const places = names.map((at) => all.indexOf(column(at, suffix)));
        expect(places.filter((place) => place < 0)).toEqual([]);
      }
      const first = names.map((at) => all.indexOf(column(at, '_new')));
      expect([...first].sort((a, b) => a - b)).toEqual(first);
    },
  },
  {
    name: 'evidence of as many and as long quotes as there may be can be read completely',
    async check(given) {
      const quotes = Array.from({ length: 12 }, (_, at) => `quote ${at} of the log ${'x'.repeat(500)} end${at}`);
      const incident = await told(
        given,
        ({ diagnosed: { data } }) => {
          data.diagnosis.evidence = quotes.map((quote, at) => ({
            callId: `call-${at}`,
            tool: 'git_blame',
            quote,
            supports: `point ${at}`,
            observation: sha256Hex(quote),
          }));
        },
        undefined,
      );
      for (const quote of quotes) await given.core().observations.put(quote);
      const all = flat(await given.everything('ana', incident));
      for (const quote of quotes) expect(all).toContain(quote);
    },
  },
];
