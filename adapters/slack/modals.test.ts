import { describe, expect, it } from 'vitest';
import type { Action, Card } from '../../src/domain/card.js';
import type { Field } from '../../src/domain/form.js';
import { untilProposal } from '../../test/e2e/sample-story.js';
import { asLines, readings } from '../../test/support/slack/rendering.js';
import { validateView } from '../../test/support/slack/validate/view.js';
import { threadAfter } from '../../test/support/threads.js';
import { type Carried, readCarried } from './action-ids.js';
import {
  answerView,
  confirmEditView,
  type FormState,
  fieldErrors,
  formView,
  loadingView,
  openAlertView,
  readConfirmed,
  readForm,
} from './modals.js';

const card = threadAfter(untilProposal()).cards.find(({ id }) => id === 'proposal-1') as Card;
const CARRIED: Carried = { incident: 'INC-7K2M9QD', digest: card.digest as string, verdict: 'approve', card: card.id };

function action(verdict: Action['verdict']): Action {
  const found = card.actions.find((one) => one.verdict === verdict);
  if (found === undefined) throw new Error(`no ${verdict}`);
  return found;
}

function modifying(...fields: Field[]): Action {
  return { verdict: 'modify', label: 'Modify', style: 'plain', form: { title: 'Modify', submit: 'Save', fields } };
}

const text = (more: Partial<Extract<Field, { kind: 'text' }>> = {}): Field => ({
  ...{
    kind: 'text',
    name: 'steps.0.value',
    label: 'Value',
    value: '',
    required: true,
    maxLength: 3000,
    multiline: false,
  },
  ...more,
});
const choice = (options: { value: string; label: string }[], value = ''): Field => ({
  ...{ kind: 'choice', name: 'steps.0.to', label: 'To', required: true },
  ...{ value, options },
});

type Input = { type: string; block_id: string; element: Record<string, unknown>; hint?: { text: string } };

function inputs(view: { blocks: unknown[] }): Input[] {
  return (view.blocks as Input[]).filter(({ type }) => type === 'input');
}

/** What Slack would send back if nobody typed anything. */
function untouched(view: { blocks: unknown[] }): FormState {
  const states = inputs(view).map(({ block_id, element }) => [
    block_id,
    {
      [String(element['action_id'])]:
        element['type'] === 'static_select'
          ? {
              type: 'static_select',
              selected_option: (element['initial_option'] as { value: string } | undefined) ?? null,
            }
          : { type: String(element['type']), value: (element['initial_value'] as string | undefined) ?? null },
    },
  ]);
  return Object.fromEntries(states) as FormState;
}

describe('a form', () => {
  it.each(['approve', 'modify', 'reject'] as const)(
    'of %s is one that Slack takes, with the essentials on top',
    (verdict) => {
      const view = formView({ action: action(verdict), carried: { ...CARRIED, verdict }, card });
      expect(validateView(view)).toBeUndefined();
      expect(readings(view)).toEqual([]);
      const lines = asLines(view.blocks);
      expect(lines[0]).toContain(card.title);
      expect(lines.filter((line) => line.startsWith('Risk: '))).toHaveLength(1);
      expect(lines).toContain('  ▒ + merchant_subcategory_v2: string (may be empty)');
      expect(lines).toContain('Decide before: 03:15 UTC, 14 May');
      expect(readCarried(view.private_metadata)).toEqual({ ...CARRIED, verdict });
    },
  );

  it('has its field near: below what changes and the risk, above what comes with it, without who may decide', () => {
    const { blocks } = formView({ action: action('approve'), carried: CARRIED, card });
    const at = (text: string): number => blocks.findIndex((block) => JSON.stringify(block).includes(text));
    const field = blocks.findIndex(({ type }) => type === 'input');
    expect([at('Risk: '), at('+ merchant_subcategory_v2')].every((one) => one > 0 && one < field)).toBe(true);
    expect([at('Way back: '), at('Resolved only when'), at('This also happens')].every((one) => one > field)).toBe(
      true,
    );
    expect(JSON.stringify(blocks)).not.toContain('Who may approve');
    // As on the card: in the reader's own time zone.
    expect(JSON.stringify(blocks)).toContain('"fallback":"03:15 UTC, 14 May"');
  });

  it('gives back what was typed, by field name', () => {
    const view = formView({ action: action('approve'), carried: CARRIED, card, draft: { words: 'I looked <at> it.' } });
    expect(readForm(untouched(view))).toEqual({ words: 'I looked <at> it.', values: {} });
    const modify = formView({ action: action('modify'), carried: CARRIED, card });
    expect(readForm(untouched(modify)).values).toEqual(
      Object.fromEntries(action('modify').form?.fields.map(({ name, value }) => [name, value]) ?? []),
    );
  });

  it('has the same block for a field whatever stands in it', () => {
    const blocks = (draft?: Record<string, string>): string[] =>
      inputs(formView({ action: modifying(text()), carried: CARRIED, ...(draft && { draft }) })).map(
        (one) => one.block_id,
      );
    expect(blocks({ 'steps.0.value': 'x' })).toEqual(blocks());
  });

  it('reads an empty choice, and a choice that no menu holds', () => {
    const empty = formView({
      action: modifying(
        choice([
          { value: '', label: 'unset' },
          { value: 'a', label: 'A' },
        ]),
      ),
      carried: CARRIED,
    });
    expect(validateView(empty)).toBeUndefined();
    expect(readForm(untouched(empty)).values).toEqual({ 'steps.0.to': '' });
    const long = `struct<${'a:string,'.repeat(40)}b:string>`;
    const typed = formView({ action: modifying(choice([{ value: long, label: long }], long)), carried: CARRIED });
    expect(validateView(typed)).toBeUndefined();
    expect(readForm(untouched(typed)).values).toEqual({ 'steps.0.to': long });
    expect(inputs(typed)[0]?.hint?.text).toContain('One of: struct<');
    const many = Array.from({ length: 101 }, (_, at) => ({ value: `v${at}`, label: `V${at}` }));
    const big = formView({ action: modifying(choice(many, 'v7')), carried: CARRIED });
    expect(validateView(big)).toBeUndefined();
    expect(readForm(untouched(big)).values).toEqual({ 'steps.0.to': 'v7' });
  });

  it('shows no half of a value that Slack cannot hold', () => {
    const view = formView({ action: modifying(text({ value: 'x'.repeat(3001) })), carried: CARRIED });
    expect(validateView(view)).toBeUndefined();
    expect(inputs(view)[0]?.element['initial_value']).toBeUndefined();
    expect(inputs(view)[0]?.hint?.text).toContain('web page');
  });

  it.each([
    ['8', '8'],
    ['0.5', '0.5'],
    [' 9 ', '9'],
    ['99', undefined],
    ['1e3', undefined],
    ['', undefined],
    ['many', undefined],
  ])('takes the number %j as %j', (value, shown) => {
    const number: Field = {
      kind: 'number',
      name: 'n',
      label: 'Memory',
      value,
      required: true,
      minimum: 0.5,
      maximum: 32,
      unit: 'Gi',
    };
    const view = formView({ action: modifying(number), carried: CARRIED });
    expect(validateView(view)).toBeUndefined();
    expect(inputs(view)[0]?.element['initial_value']).toBe(shown);
    expect(inputs(view)[0]?.hint?.text).toBe('From 0.5 to 32 Gi.');
  });

  it('shows faults at their field and those of no field on top', () => {
    const faults = { 'steps.0.value': 'Too large: at most 32.', digest: 'The card has changed.' };
    const lines = asLines(formView({ action: modifying(text()), carried: CARRIED, faults }).blocks);
    expect(lines).toEqual([':red_circle: The card has changed.', ':red_circle: Too large: at most 32.', 'Value: [""]']);
  });

  it('names in errors only blocks that are inputs of the view', () => {
    const view = formView({ action: action('approve'), carried: CARRIED, card });
    const [input] = inputs(view);
    expect(fieldErrors({ words: 'Too short.' })).toEqual({ [input?.block_id ?? '']: 'Too short.' });
    expect(fieldErrors({ words: 'Too short.', other: 'Also wrong.' }, view)).toEqual({
      [input?.block_id ?? '']: 'Too short. Also wrong.',
    });
    expect(fieldErrors({ other: 'Wrong.' }, loadingView('x'))).toEqual({});
  });
});

describe('an edit to be confirmed', () => {
  const preview = {
    counts: true as const,
    text: 'This makes version 2, which somebody else must approve.',
    edit: { before: 'memory_gi: 8\nrisk: low', after: 'memory_gi: 16\nrisk: medium', risk: 'Medium. One setting.' },
  };

  it('shows what changes and the new risk, and carries the values', () => {
    const values = { 'steps.0.value': '16' };
    const view = confirmEditView({
      preview,
      carried: { ...CARRIED, verdict: 'modify' },
      action: modifying(text()),
      values,
    });
    expect(validateView(view)).toBeUndefined();
    expect(asLines(view.blocks)).toEqual([
      'This makes version 2, which somebody else must approve.',
      'What changes',
      '  ▒ - memory_gi: 8',
      '  ▒ - risk: low',
      '  ▒ + memory_gi: 16',
      '  ▒ + risk: medium',
      'Risk after the change: Medium. One setting.',
    ]);
    expect(readConfirmed(view.private_metadata, {})).toEqual({
      carried: { ...CARRIED, verdict: 'modify' },
      words: '',
      values,
    });
  });

  it('holds values too long to be carried in the form once more, whole', () => {
    const values = { 'steps.0.value': 'task_'.repeat(590), 'steps.1.value': '"<&>"'.repeat(500) };
    const form = modifying(text(), text({ name: 'steps.1.value', label: 'Other' }));
    const view = confirmEditView({ preview, carried: CARRIED, action: form, values });
    expect(validateView(view)).toBeUndefined();
    expect(readConfirmed(view.private_metadata, untouched(view))).toEqual({ carried: CARRIED, words: '', values });
  });

  it('reads nothing that is not ours', () => {
    for (const strange of [
      undefined,
      '',
      '{',
      '[]',
      '{"incident":1}',
      '{"incident":"INC-1","evil":1}',
      '{"incident":"INC-1","values":{"a":1}}',
    ])
      expect(readConfirmed(strange, {})).toBeUndefined();
  });
});

describe('small views', () => {
  it('are taken, whatever they say', () => {
    const hostile = `<!channel> ${'x'.repeat(20_000)}`;
    for (const view of [
      answerView({ title: hostile, text: hostile, tone: 'bad' }),
      answerView({ title: '', text: '', tone: 'neutral' }),
      loadingView('Evidence of INC-7K2M9QD and more'),
      openAlertView(),
      openAlertView({
        draft: { title: hostile, severity: 'none' },
        faults: { title: 'Too long.', other: hostile },
        metadata: 'm',
      }),
    ]) {
      expect(validateView(view)).toBeUndefined();
      expect(readings(view)).toEqual([]);
    }
  });

  it('read an incident opened by hand', () => {
    const draft = { title: 'Payments are late', text: 'since 02:00', severity: 'high', dag: 'daily', table: '' };
    expect(readForm(untouched(openAlertView({ draft }))).values).toEqual(draft);
  });
});
