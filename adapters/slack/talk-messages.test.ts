import { describe, expect, it } from 'vitest';
import type { Question } from '../../src/domain/card.js';
import type { ChatMessage } from '../../src/domain/chat.js';
import { at } from '../../test/e2e/sample-story.js';
import { readings } from '../../test/support/slack/rendering.js';
import { buttons, byKey, line, PLACE, shown, waiting } from '../../test/support/slack/thread-messages.js';
import { readCarried } from './action-ids.js';
import type { SlackBody } from './body.js';
import { slackMessages } from './messages.js';

describe('talk', () => {
  const note = (id: string, via: 'web' | 'slack', minute: number, text = 'Look at the source.') => ({
    id,
    by: 'ana@example.com',
    via,
    at: at(minute),
    text,
  });
  const question = (more: Partial<Question>): Question => ({
    ...note('q1', 'slack', 2, 'Was the source told?'),
    grant: 0,
    state: 'working',
    trace: [],
    ...more,
  });

  it('shows what was written elsewhere, and not what stands here already', () => {
    const thread = { ...waiting(), notes: [note('n1', 'web', 3), note('n2', 'slack', 2)], questions: [question({})] };
    const messages = slackMessages(thread, PLACE).slice(4);
    expect(messages.map(({ key, urgency }) => [key, urgency])).toEqual([
      ['question-q1', 'progress'],
      ['note-n1', 'state'],
    ]);
    expect(shown(messages[1] as ChatMessage<SlackBody>)).toEqual([
      'ana@example.com wrote on the web page:',
      '  ┃ Look at the source.',
    ]);
  });

  it('shows how far an answer is, then the answer with its quotes, in one message', () => {
    const working = byKey({ ...waiting(), questions: [question({ trace: [line(1)] })] }, 'question-q1');
    expect(shown(working)).toEqual([
      'ana@example.com asked: Was the source told?',
      ':large_blue_circle: Looking into it. Nothing is changed.',
      'plan: Looked at: 1 call',
      '  complete: logs(n=1)',
      '      Thought: A thought.',
      '      Hypothesis (50 %): A hypothesis.',
      '      Found it.',
    ]);
    const answer = {
      id: 'answer-q1',
      title: 'Answer',
      tone: 'neutral' as const,
      sections: [
        {
          kind: 'text' as const,
          voice: 'model' as const,
          label: 'Written by the model m, not checked by a person',
          text: 'No.',
        },
        {
          kind: 'quote' as const,
          text: 'notified=false',
          source: 'schema_registry_diff, call 5',
          supports: 'nobody was told',
        },
      ],
      actions: [],
    };
    const done = byKey(
      { ...waiting(), questions: [question({ state: 'answered', answer, trace: [line(1)] })] },
      'question-q1',
    );
    expect(done.urgency).toBe('state');
    expect(shown(done)).toEqual([
      'ana@example.com asked: Was the source told?',
      'Answer',
      'Written by the model m, not checked by a person',
      '  ┃ No.',
      '  ▒ notified=false',
      'schema_registry_diff, call 5: nobody was told',
      '[Show evidence]',
    ]);
    expect(readCarried(buttons(done)[0]?.value)).toEqual({
      incident: waiting().incident,
      card: 'answer-q1',
      detail: 'evidence',
    });
  });

  it('reads nothing into a note', () => {
    const text = '<!channel> <@U1> http://evil.example :rotating_light: @here &lt;!here&gt; ```';
    const message = byKey({ ...waiting(), notes: [note('n1', 'web', 3, text)] }, 'note-n1');
    expect(readings(message)).toEqual([]);
    expect(shown(message)[1]).toBe(`  ┃ ${text}`);
  });
});
