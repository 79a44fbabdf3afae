import type { VNode } from 'preact';
import type { Action, Card } from '../../src/domain/card.js';
import type { Field } from '../../src/domain/form.js';
import type { Slots } from './slots.js';

/** What somebody typed into one form of one card, and what is wrong with it. */
export interface Draft {
  verdict: Action['verdict'];
  digest: string;
  words: string;
  values: Record<string, string>;
  faults: Record<string, string>;
}

export interface ActionContext {
  incident: string;
  slots: Slots;
  draft?: Draft;
}

/** The buttons of a card, each with its form; the digest they are bound to is in every form. */
export function ActionsView({ card, context }: { card: Card; context: ActionContext }): VNode {
  return (
    <div id={`act-${card.id}`} class="actions">
      {card.actions.map((action) => (
        <ActionView key={action.verdict} action={action} card={card} context={context} />
      ))}
    </div>
  );
}

function ActionView(props: { action: Action; card: Card; context: ActionContext }): VNode {
  const { action, card, context } = props;
  const draft = draftFor(context, card, action);
  if (action.form === undefined) return <ActionForm action={action} card={card} context={context} draft={undefined} />;
  return (
    <details class={`action ${action.style}`} name={`act-${card.id}`} open={draft !== undefined}>
      <summary class={`button ${action.style}`}>{action.label}</summary>
      <ActionForm action={action} card={card} context={context} draft={draft} />
    </details>
  );
}

function draftFor({ draft }: ActionContext, card: Card, action: Action): Draft | undefined {
  return draft !== undefined && draft.digest === card.digest && draft.verdict === action.verdict ? draft : undefined;
}

export function formId(card: Card, action: Action): string {
  return `form-${card.id}-${action.verdict}`;
}

/** The same form with and without scripts: htmx shows the answer in place, else the page comes back with it. */
export function ActionForm(props: {
  action: Action;
  card: Card;
  context: ActionContext;
  draft: Draft | undefined;
}): VNode {
  const { action, card, context, draft } = props;
  const address = `/incidents/${encodeURIComponent(context.incident)}/decisions`;
  return (
    <form
      id={formId(card, action)}
      method="post"
      action={address}
      hx-post={address}
      hx-target="#answer"
      hx-swap="innerHTML show:none"
      hx-disabled-elt="find button"
      noValidate
    >
      <input type="hidden" name="csrf" value={context.slots.csrf} />
      <input type="hidden" name="gesture" value={context.slots.gesture} />
      <input type="hidden" name="digest" value={card.digest ?? ''} />
      <input type="hidden" name="verdict" value={action.verdict} />
      {action.form === undefined ? null : <p class="who">{context.slots.who}</p>}
      {action.form?.fields.map((field) => (
        <FieldView key={field.name} field={field} action={action} card={card} draft={draft} />
      ))}
      <button type="submit" class={`button ${action.style}`}>
        {action.form?.submit ?? action.label}
      </button>
    </form>
  );
}

function FieldView(props: { field: Field; action: Action; card: Card; draft: Draft | undefined }): VNode {
  const { field, action, card, draft } = props;
  const id = `${formId(card, action)}-${field.name.replaceAll(/[^\w]/g, '-')}`;
  const fault = draft?.faults[field.name];
  const first = draft !== undefined && Object.keys(draft.faults)[0] === field.name;
  const described = [field.hint === undefined ? '' : `${id}-hint`, fault === undefined ? '' : `${id}-fault`];
  const common = {
    id,
    name: field.name === 'words' ? 'words' : `value.${field.name}`,
    'aria-describedby': described.filter((part) => part !== '').join(' ') || undefined,
    'aria-invalid': fault === undefined ? undefined : ('true' as const),
    required: field.required,
    autoFocus: first,
  };
  const value = draft === undefined ? field.value : (draftValue(draft, field.name) ?? field.value);
  return (
    <div class={fault === undefined ? 'field' : 'field faulty'}>
      <label for={id}>{field.label}</label>
      {field.hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {field.hint}
        </p>
      )}
      <InputView field={field} common={common} value={value} />
      {fault === undefined ? null : (
        <p class="fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
    </div>
  );
}

function draftValue(draft: Draft, name: string): string | undefined {
  return name === 'words' ? draft.words : draft.values[name];
}

function InputView(props: { field: Field; common: Record<string, unknown>; value: string }): VNode {
  const { field, common, value } = props;
  switch (field.kind) {
    case 'text':
      return field.multiline ? (
        <textarea {...common} rows={3} maxLength={field.maxLength} minLength={field.minLength} value={value} />
      ) : (
        <input {...common} type="text" maxLength={field.maxLength} minLength={field.minLength} value={value} />
      );
    case 'number':
      return (
        <span class="number">
          <input {...common} type="number" step="any" min={field.minimum} max={field.maximum} value={value} />
          {field.unit === undefined ? null : <span class="unit">{field.unit}</span>}
        </span>
      );
    case 'choice':
      return (
        <select {...common}>
          {field.options.map((option) => (
            <option key={option.value} value={option.value} selected={option.value === value}>
              {option.label}
            </option>
          ))}
        </select>
      );
  }
}
