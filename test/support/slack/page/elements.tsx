import type { Checkboxes, ConfirmationDialog, Option, Overflow, PlainTextInput, RadioButtons } from '@slack/types';
import type { VNode } from 'preact';
import { Mrkdwn } from './mrkdwn.js';
import { type Names, safeUrl } from './names.js';
import { select } from './select-element.js';
import { plain, type SlackElement, type Spot, wired } from './spot.js';

/** One interactive element. The client script sends what `data-action` and `data-block` name. */
export function Element({ element, spot }: { element: SlackElement; spot: Spot }): VNode {
  const confirm = element['confirm'] as ConfirmationDialog | undefined;
  return (
    <div class={`element is-${element.type}`}>
      {control(element, spot)}
      {confirm === undefined ? null : <ConfirmDialog confirm={confirm} names={spot.names} />}
    </div>
  );
}

function control(element: SlackElement, spot: Spot): VNode {
  switch (element.type) {
    case 'button':
    case 'workflow_button':
    case 'icon_button':
      return button(element, spot);
    case 'overflow':
      return overflow(element as unknown as Overflow, spot);
    case 'radio_buttons':
    case 'checkboxes':
      return ticks(element as unknown as RadioButtons | Checkboxes, spot);
    case 'plain_text_input':
      return textInput(element as unknown as PlainTextInput, spot);
    case 'feedback_buttons':
      return feedback(element, spot);
    default:
      if (element.type in TYPED) return typedInput(element, spot);
      if (element.type.endsWith('_select')) return select(element, spot);
      return <span class="unknown">{`Not shown here: ${element.type}`}</span>;
  }
}

function button(element: SlackElement, spot: Spot): VNode {
  const style = element['style'] === 'primary' || element['style'] === 'danger' ? element['style'] : 'plain';
  const label = (element['accessibility_label'] as string | undefined) ?? plain(element['text']);
  const props = { ...wired(element, spot), 'aria-label': label, class: `button ${style}` };
  const href = typeof element['url'] === 'string' ? safeUrl(element['url']) : undefined;
  if (href === undefined)
    return (
      <button type="button" {...props}>
        {plain(element['text'])}
      </button>
    );
  return (
    <a {...props} href={href} target="_blank" rel="noopener noreferrer nofollow">
      {plain(element['text'])}
    </a>
  );
}

function feedback(element: SlackElement, spot: Spot): VNode {
  const sides = ['positive_button', 'negative_button'].map((side) => element[side] as SlackElement | undefined);
  return (
    <span class="feedback">
      {sides.map((side) =>
        side === undefined ? null : (
          <button
            type="button"
            class="button plain"
            {...wired(element, spot)}
            data-value={String(side['value'])}
            aria-label={plain(side['text'])}
          >
            {plain(side['text'])}
          </button>
        ),
      )}
    </span>
  );
}

function overflow(element: Overflow, spot: Spot): VNode {
  const { 'aria-label': _label, ...wires } = wired(element as unknown as SlackElement, spot);
  return (
    <span class="menu">
      <button type="button" class="button plain" data-menu="yes" aria-haspopup="menu" aria-label="More choices">
        ⋯
      </button>
      <span class="menu-list" role="menu" hidden>
        {element.options.map((option) => (
          <button type="button" role="menuitem" {...wires} data-value={option.value}>
            {plain(option.text)}
            {option.description === undefined ? null : <small>{plain(option.description)}</small>}
          </button>
        ))}
      </span>
    </span>
  );
}

function ticks(element: RadioButtons | Checkboxes, spot: Spot): VNode {
  const many = element.type === 'checkboxes';
  const given = element.type === 'checkboxes' ? (element.initial_options ?? []) : [element.initial_option];
  const chosen = new Set(given.map((option) => option?.value));
  const {
    'aria-label': label,
    'aria-describedby': describedBy,
    ...wires
  } = wired(element as unknown as SlackElement, spot);
  return (
    <fieldset {...wires} data-field="ticks" aria-label={label} aria-describedby={describedBy}>
      {element.options.map((option: Option) => (
        <label>
          <input
            type={many ? 'checkbox' : 'radio'}
            name={`${spot.blockId} ${element.action_id ?? ''}`}
            value={option.value}
            checked={chosen.has(option.value)}
          />
          <span>
            {option.text.type === 'mrkdwn' ? <Mrkdwn text={option.text.text} names={spot.names} /> : plain(option.text)}
            {option.description === undefined ? null : <small>{plain(option.description)}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function textInput(element: PlainTextInput, spot: Spot): VNode {
  const props = {
    ...wired(element as unknown as SlackElement, spot),
    'data-field': 'text',
    placeholder: plain(element.placeholder),
    autofocus: element.focus_on_load === true,
  };
  if (element.multiline)
    return (
      <textarea rows={4} {...props}>
        {element.initial_value ?? ''}
      </textarea>
    );
  return <input type="text" autocomplete="off" value={element.initial_value ?? ''} {...props} />;
}

/** Kinds of field with a native control, and the property with which they begin. */
const TYPED: Record<string, { type: string; initial: string }> = {
  number_input: { type: 'text', initial: 'initial_value' },
  email_text_input: { type: 'text', initial: 'initial_value' },
  url_text_input: { type: 'text', initial: 'initial_value' },
  datepicker: { type: 'date', initial: 'initial_date' },
  timepicker: { type: 'time', initial: 'initial_time' },
  datetimepicker: { type: 'datetime-local', initial: 'initial_date_time' },
};

function typedInput(element: SlackElement, spot: Spot): VNode {
  const known = TYPED[element.type] ?? { type: 'text', initial: 'initial_value' };
  const initial = element[known.initial];
  const value =
    typeof initial === 'number' ? new Date(initial * 1000).toISOString().slice(0, 16) : String(initial ?? '');
  return (
    <input
      type={known.type}
      inputMode={element.type === 'number_input' ? 'decimal' : undefined}
      autocomplete="off"
      value={value}
      placeholder={plain(element['placeholder'])}
      data-field="text"
      {...wired(element, spot)}
    />
  );
}

function ConfirmDialog({ confirm, names }: { confirm: ConfirmationDialog; names: Names }): VNode {
  const title = plain(confirm.title);
  return (
    <dialog class="confirm" aria-label={title}>
      <h2>{title}</h2>
      {confirm.text.type === 'mrkdwn' ? (
        <Mrkdwn text={confirm.text.text} names={names} />
      ) : (
        <p>{plain(confirm.text)}</p>
      )}
      <p class="row-end">
        <button type="button" class="button plain" data-confirm="no">
          {plain(confirm.deny) || 'Cancel'}
        </button>
        <button type="button" class={`button ${confirm.style ?? 'primary'}`} data-confirm="yes">
          {plain(confirm.confirm) || 'Yes'}
        </button>
      </p>
    </dialog>
  );
}
