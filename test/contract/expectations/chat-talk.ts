import { expect } from 'vitest';
import { sha256Hex } from '../../../src/domain/canonical.js';
import { OBSERVATIONS } from '../../e2e/sample-story.js';
import { type ChatGiven, PEOPLE } from '../chat.js';
import type { Expectation } from '../contract.js';
import { eventsOf, low, stateOf, waiting } from './chat-given.js';

const OTHER = 'terminal' as const;

export const TALK: Expectation<ChatGiven>[] = [
  {
    name: 'a note goes into the log in the name of the one who wrote it, and is seen once',
    async check(given) {
      const { incident } = await waiting(given, low);
      await given.note('intern', incident, 'the source team is awake');
      const notes = await eventsOf(given, incident, 'note.added');
      expect(notes).toEqual([{ by: { id: PEOPLE.intern, via: given.chat }, text: 'the source team is awake' }]);
      const seen = await given.see(incident);
      expect(seen.notes.filter((note) => note.includes('the source team is awake'))).toHaveLength(1);
    },
  },
  {
    name: 'a note that is delivered twice is one note',
    async check(given) {
      const { incident } = await waiting(given, low);
      await given.note('ana', incident, 'called the vendor', 2);
      expect(await eventsOf(given, incident, 'note.added')).toHaveLength(1);
      expect((await given.see(incident)).notes.filter((note) => note.includes('called the vendor'))).toHaveLength(1);
    },
  },
  {
    name: 'a note from another chat is seen here once, with who wrote it',
    async check(given) {
      const { incident } = await waiting(given, low);
      const by = { id: PEOPLE.ben, via: OTHER };
      await given.core().backend.note(incident, by, 'looked from the train', 'one');
      await given.core().backend.note(incident, by, 'looked from the train', 'one');
      await given.restart();
      const found = (await given.see(incident)).notes.filter((note) => note.includes('looked from the train'));
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(PEOPLE.ben);
    },
  },
  {
    name: 'words of a note do nothing: no link, no call for people, no markup',
    async check(given) {
      const { incident } = await waiting(given, low);
      const text = '<!channel> <@U0ANA> <script>owned()</script> [x](https://evil.example) <https://evil.example|y>';
      await given.core().backend.note(incident, { id: PEOPLE.ben, via: OTHER }, text, 'hostile');
      const seen = await given.see(incident);
      expect(seen.alive).toEqual([]);
      expect(seen.notes.join()).toContain('<script>owned()</script>');
      expect(seen.notes.join()).toContain('<!channel>');
    },
  },
  {
    name: 'a note is taken after the end, too',
    async check(given) {
      const { incident, card } = await waiting(given, low);
      await given.press('ana', card, { verdict: 'reject', words: 'The source takes it back' });
      await given.note('ben', incident, 'closed with the source team');
      expect((await given.see(incident)).notes.join()).toContain('closed with the source team');
    },
  },
  {
    name: 'a question and its answer stand in the thread, with who asked and what the answer rests on',
    async check(given) {
      const { incident } = await waiting(given, low);
      const by = { id: PEOPLE.intern, via: OTHER };
      const answer = await given.core().backend.ask(incident, by, 'Did anybody change our own code?', 0, 'q-1');
      expect(answer.outcome).toMatch(/asked|no_budget/);
      expect((await given.see(incident)).questions.join()).toContain('Did anybody change our own code?');
      const questionId = (await stateOf(given, incident)).questions[0]?.asked.questionId ?? '';
      const quote = 'blame line=118 sha=9f3c1ab author=mira@example.com';
      const evidence = {
        callId: 'call-3',
        tool: 'git_blame',
        quote,
        supports: 'the line is old',
        observation: sha256Hex(OBSERVATIONS.blame),
      };
      const data = {
        questionId,
        outcome: 'answered' as const,
        text: 'No: the line was last changed 47 days ago <!channel> <script>owned()</script>.',
        evidence: [evidence],
        struck: [],
        toolCalls: 0,
      };
      const actor = { kind: 'agent' as const, id: 'agent', role: 'investigator' };
      await given.core().tell(incident, [{ type: 'question.answered', data, actor }]);
      const seen = await given.see(incident);
      const text = seen.questions.join('\n');
      expect(text).toContain(PEOPLE.intern);
      expect(text).toContain('the line was last changed 47 days ago');
      expect(text.replaceAll(/\s+/g, ' ')).toContain(quote);
      expect(seen.alive).toEqual([]);
    },
  },
];
