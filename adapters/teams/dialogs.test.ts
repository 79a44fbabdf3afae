import { describe, expect, it } from 'vitest';
import type { Action, Card } from '../../src/domain/card.js';
import type { Field } from '../../src/domain/form.js';
import { untilProposal } from '../../test/e2e/sample-story.js';
import { checkCard, checkDialog, linesOf } from '../../test/support/teams/checked-messages.js';
import { threadAfter } from '../../test/support/threads.js';
import { type Carried, readCarried } from './action-data.js';
import type { AdaptiveCardJson, CardAction, CardElement } from './body.js';
import {
  answerCard,
  answerDialog,
  confirmEditCard,
  confirmEditDialog,
  formCard,
  formDialog,
  openAlertCard,
  openAlertDialog,
  readForm,
} from './dialogs.js';
import { messageNow } from './messages.js';

const thread = threadAfter(untilProposal());
const card = thread.cards.find(({ id }) => id === 'proposal-1') as Card;
const CARRIED: Carried = {
  verb: 'ask',
  incident: thread.incident,
  message: 'card-proposal-1',
  delivery: `${thread.incident}/card-proposal-1`,
  digest: card.digest as string,
  verdict: 'approve',
  card: card.id,
  form: 'f1',
};

function action(verdict: Action['verdict']): Action {
  const found = card.actions.find((one) => one.verdict === verdict);
  if (found === undefined) throw new Error(`no ${verdict}`);
  return found;
}

function modifying(...fields: Field[]): Action {
  return { verdict: 'modify', label: 'Modify', style: 'plain', form: { title: 'Modify', submit: 'Save', fields } };
}

const text = (more: Partial<Extract<Field, { kind: 'text' }>> = {}): Field => ({
  ...{ kind: 'text', name: 'steps.0.value', label: 'Value', value: '', required: true },
  ...{ maxLength: 3000, multiline: false },
  ...more,
});
const choice = (options: { value: string; label: string }[], value = ''): Field => ({
  ...{ kind: 'choice', name: 'steps.0.to', label: 'To', required: true },
  ...{ value, options },
});

function inputs({ body }: AdaptiveCardJson): Extract<CardElement, { label: string }>[] {
  return body.flatMap((one) => ('label' in one ? [one] : []));
}

/** What Teams would send back if nobody typed anything. */
function untouched(sent: AdaptiveCardJson, button: number): unknown {
  const values = inputs(sent).map((one) => [one.id, one.value ?? '']);
  const pressed = sent.actions?.[button];
  return { ...(pressed !== undefined && 'data' in pressed ? pressed.data : {}), ...Object.fromEntries(values) };
}

function carriedBy(one: CardAction | undefined): Carried | undefined {
  return one !== undefined && 'data' in one ? readCarried(one.data) : undefined;
}

describe('the form of a verdict', () => {
  it.each(['approve', 'modify', 'reject'] as const)('of %s is good in the message and in a dialog', (verdict) => {
    const args = { action: action(verdict), carried: { ...CARRIED, verdict }, card };
    checkCard(verdict, formCard(args), 'message');
    checkDialog(formDialog(args));
    expect(inputs(formCard(args))).toEqual(inputs(formDialog(args).card));
  });

  it('is sent, opened as a dialog, or left, and carries on all that the click did', () => {
    const sent = formCard({ action: action('approve'), carried: CARRIED, card });
    expect(sent.actions?.map((one) => [one.type, one.title, carriedBy(one)])).toEqual([
      ['Action.Execute', 'Approve and run', { ...CARRIED, verb: 'decide' }],
      ['Action.Submit', 'Open as a dialog', { ...CARRIED, verb: 'ask' }],
      ['Action.Execute', 'Back to the card', { ...CARRIED, verb: 'cancel' }],
    ]);
    // What is typed is checked where it is sent, and nowhere else.
    expect(sent.actions?.map((one) => 'associatedInputs' in one && one.associatedInputs)).toEqual([
      false,
      'none',
      'none',
    ]);
    const dialog = formDialog({ action: action('approve'), carried: CARRIED, card });
    expect(dialog.card.actions?.map((one) => [one.type, carriedBy(one)?.verb])).toEqual([['Action.Submit', 'decide']]);
    expect(JSON.stringify(dialog)).not.toContain('task/fetch');
  });

  it('of Modify is looked at before it counts', () => {
    const args = { action: action('modify'), carried: { ...CARRIED, verdict: 'modify' as const }, card };
    expect(carriedBy(formCard(args).actions?.[0])?.verb).toBe('check');
    expect(carriedBy(formDialog(args).card.actions?.[0])?.verb).toBe('check');
  });

  it('asks for the check after all that must have been read, beside the button that sends it', () => {
    const lines = linesOf(formDialog({ action: action('approve'), carried: CARRIED, card }).card);
    const at = (start: string): number => lines.findIndex((one) => one.startsWith(start));
    expect(at('Risk: Low')).toBeGreaterThan(0);
    expect(at('+ merchant_subcategory_v2')).toBeGreaterThan(at('Risk: Low'));
    expect(at('Resolved only when')).toBeGreaterThan(at('+ merchant_subcategory_v2'));
    expect(lines.slice(at('What did you check yourself?'))).toEqual([
      'What did you check yourself?: []',
      'In your own words: what you looked at and what you saw. It goes into the log with your name.',
      '[Approve and run]',
    ]);
    expect(at('Who may approve')).toBe(-1);
  });

  it('shows faults under their fields, those of none above, and what was typed', () => {
    const sent = formCard({
      action: modifying(text(), text({ name: 'steps.1.value', label: 'Other' })),
      carried: CARRIED,
      faults: { 'steps.1.value': 'Too high.', proposal: 'The world moved.' },
      draft: { 'steps.0.value': 'typed <at>x</at>' },
    });
    checkCard('faults', sent, 'message');
    expect(linesOf(sent).slice(0, 4)).toEqual([
      '🔴 The world moved.',
      'Value: [typed <at>x</at>]',
      'Other: []',
      '🔴 Too high.',
    ]);
  });

  it('does not let an earlier edit count instead of what stands in it', () => {
    const carried = { ...CARRIED, words: 'old', values: { 'steps.0.value': 'old' } };
    for (const sent of [
      formCard({ action: modifying(text({ value: 'new' })), carried }),
      formDialog({ action: modifying(text({ value: 'new' })), carried }).card,
    ])
      expect(readForm(untouched(sent, 0))).toEqual({ words: '', values: { 'steps.0.value': 'new' } });
  });
});

describe('fields', () => {
  const inputOf = (field: Field, draft = {}): Record<string, unknown> => {
    const sent = formCard({ action: modifying(field), carried: CARRIED, draft });
    checkCard(field.kind, sent, 'message');
    return inputs(sent)[0] as never;
  };

  it('come back under their names, as strings', () => {
    const data = {
      cs: CARRIED,
      'field.words': 'I looked.',
      'field.steps.0.n': 3,
      'field.b': true,
      words: 'x',
      msteams: {},
    };
    expect(readForm(data)).toEqual({ words: 'I looked.', values: { 'steps.0.n': '3', b: 'true' } });
    for (const nothing of [undefined, null, 'x', 3, [], {}])
      expect(readForm(nothing)).toEqual({ words: '', values: {} });
    expect(readForm({ 'field.x': { toString: 1 }, 'field.y': ['a'] })).toEqual({ words: '', values: {} });
  });

  it('say what they want where they are', () => {
    expect(inputOf(text({ minLength: 8 }))).toMatchObject({
      isRequired: true,
      errorMessage: 'Write at least 8 characters.',
      regex: '^[\\s\\S]{8,}$',
    });
    expect(inputOf(text({ required: false, minLength: 8 }))).not.toHaveProperty('regex');
    const number = {
      kind: 'number',
      name: 'n',
      label: 'N',
      required: true,
      minimum: 1,
      maximum: 5,
      unit: 'GB',
    } as const;
    expect(inputOf({ ...number, value: '3' })).toMatchObject({ type: 'Input.Number', value: 3, min: 1, max: 5 });
    expect(inputOf({ ...number, value: '9' })).not.toHaveProperty('value');
  });

  it('never hold half a value, nor a number that would come back as another', () => {
    expect(inputOf(text({ value: 'x'.repeat(3001) }))).not.toHaveProperty('value');
    const long = '12345678901234567890';
    expect(inputOf({ kind: 'number', name: 'n', label: 'N', required: true, value: long })).toMatchObject({
      type: 'Input.Text',
      value: long,
    });
  });

  it('offer an empty choice, and are typed where there are too many', () => {
    const some = formCard({
      action: modifying(
        choice([
          { value: '', label: 'None' },
          { value: 'a', label: '' },
        ]),
      ),
      carried: CARRIED,
    });
    checkCard('choice', some, 'message');
    expect(readForm(untouched(some, 0)).values).toEqual({ 'steps.0.to': '' });
    const many = Array.from({ length: 101 }, (_, at) => ({ value: `v${at}`, label: `V${at}` }));
    expect(inputOf(choice(many, 'v7'))).toMatchObject({ type: 'Input.Text', value: 'v7' });
  });

  it('say how many there is no room for', () => {
    const fields = Array.from({ length: 40 }, (_, at) =>
      text({ name: `f${at}`, label: `F${at}`, value: '漢'.repeat(900) }),
    );
    const sent = formCard({ action: modifying(...fields), carried: CARRIED, card });
    checkCard('many', sent, 'message');
    const shown = inputs(sent).length;
    expect(linesOf(sent).join('\n')).toContain(`${40 - shown} more fields can be changed on the web page only.`);
  });
});

describe('an edit to be confirmed', () => {
  const preview = {
    counts: true as const,
    text: 'This makes version 2.',
    edit: { before: 'memory: 4', after: 'memory: 8', risk: 'Medium. It costs more.' },
  };
  const args = { preview, carried: { ...CARRIED, verdict: 'modify' as const }, action: modifying(text()) };

  it('shows the diff and the new risk, and sends what was entered', () => {
    const filled = { ...args, words: 'because', values: { 'steps.0.value': '8' } };
    const sent = confirmEditCard(filled);
    checkCard('confirm', sent, 'message');
    checkDialog(confirmEditDialog(filled));
    expect(linesOf(sent)).toEqual([
      'This makes version 2.',
      'What changes',
      '- memory: 4',
      '+ memory: 8',
      'Risk after the change: Medium. It costs more.',
      '[Save]',
      '[Change it again]',
      '[Back to the card]',
    ]);
    expect(sent.actions?.map((one) => carriedBy(one)?.verb)).toEqual(['decide', 'ask', 'cancel']);
    for (const button of [0, 1])
      expect(readForm(untouched(sent, button))).toEqual({ words: 'because', values: { 'steps.0.value': '8' } });
    expect(confirmEditDialog(filled).card.actions?.map((one) => carriedBy(one)?.verb)).toEqual(['decide', 'ask']);
  });

  it('shows the fields once more when they are too much to be carried', () => {
    const fields = ['a', 'b', 'c'].map((name) => text({ name, label: name }));
    const values = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, name.repeat(2900)]));
    const filled = { ...args, action: modifying(...fields), words: '', values };
    const sent = confirmEditCard(filled);
    checkCard('confirm', sent, 'message');
    expect(readForm(untouched(sent, 0)).values).toEqual(values);
    const dialog = confirmEditDialog(filled);
    checkDialog(dialog);
    expect(readForm(untouched(dialog.card, 0)).values).toEqual(values);
  });

  it('is within the budget however much changes', () => {
    const huge = Array.from({ length: 400 }, (_, at) => `column_${at}: "漢"`).join('\n');
    const sent = confirmEditCard({
      ...args,
      preview: {
        ...preview,
        text: '漢'.repeat(3000),
        edit: { before: huge, after: huge.replaceAll('漢', 'é'), risk: 'x'.repeat(9000) },
      },
      values: { 'steps.0.value': 'v'.repeat(3000) },
    });
    checkCard('huge', sent, 'message');
  });
});

describe('an answer', () => {
  const answer = { title: 'Not counted', text: 'Ben decided before you.', tone: 'bad' as const };
  const under = messageNow(thread, { channel: 'c' }, 'card-proposal-1')?.card;

  it('stands above the card as it is now, with its buttons', () => {
    const sent = answerCard({ ...answer, under });
    checkCard('answer', sent, 'message');
    expect(linesOf(sent).slice(0, 3)).toEqual(['🔴 Not counted', answer.text, `🟡 ${card.title}`]);
    expect(sent.actions).toEqual(under?.actions);
  });

  it('takes the buttons away while a decision is recorded, and leads back', () => {
    const sent = answerCard({ ...answer, under, instead: { ...CARRIED, verb: 'decide', words: 'x', values: {} } });
    checkCard('answer', sent, 'message');
    expect(sent.actions?.map(carriedBy)).toEqual([{ ...CARRIED, verb: 'cancel' }]);
  });

  it('stands alone beside a card that fills a message', () => {
    const full = { ...(under as AdaptiveCardJson), body: Array.from({ length: 5 }, () => under?.body ?? []).flat() };
    const sent = answerCard({ ...answer, under: full });
    checkCard('answer', sent, 'message');
    expect(linesOf(sent).slice(0, 2)).toEqual(['🔴 Not counted', answer.text]);
    expect(linesOf(sent)).not.toContain(`🟡 ${card.title}`);
  });

  it('is not announced twice where its text begins with its title', () => {
    const said = { ...answer, text: 'Not counted: sam@example.com is not on the list.' };
    expect(answerCard(said).fallbackText).toBe(said.text);
    expect(answerDialog(said).card.fallbackText).toBe(said.text);
    expect(answerCard(answer).fallbackText).toBe('Not counted: Ben decided before you.');
  });

  it('is a dialog of its own', () => {
    checkDialog(answerDialog({ ...answer, text: '漢'.repeat(9000) }));
    expect(linesOf(answerDialog(answer).card)).toEqual(['🔴 Not counted', answer.text]);
  });
});

describe('an incident opened by hand', () => {
  it('is good in a message and in a dialog, and carries where it comes from', () => {
    const draft = { title: 'It broke', severity: 'high', text: '漢'.repeat(3000) };
    const dialog = openAlertDialog({ draft, origin: 'o'.repeat(2000) });
    checkDialog(dialog);
    const sent = openAlertCard({ draft, faults: { title: 'Too short.' } });
    checkCard('open', sent, 'message');
    expect(carriedBy(dialog.card.actions?.[0])).toEqual({
      verb: 'investigate',
      incident: '',
      origin: 'o'.repeat(2000),
    });
    expect(readForm(untouched(sent, 0)).values).toEqual({ ...draft, dag: '', table: '' });
  });
});

describe('what an action carries', () => {
  it('is read back from its data, and nothing else is', () => {
    expect(readCarried({ cs: CARRIED, 'field.words': 'x' })).toEqual(CARRIED);
    for (const data of [
      undefined,
      null,
      'x',
      {},
      { cs: {} },
      { cs: { ...CARRIED, verb: 'run' } },
      { cs: { ...CARRIED, admin: true } },
    ])
      expect(readCarried(data)).toBeUndefined();
  });
});
