import type {
  Button,
  Checkboxes,
  Datepicker,
  DateTimepicker,
  EmailInput,
  FeedbackButtons,
  FileInput,
  IconButton,
  NumberInput,
  Overflow,
  PlainTextInput,
  RadioButtons,
  RichTextInput,
  Timepicker,
  URLInput,
  WorkflowButton,
} from '@slack/types';
import {
  actionId,
  buttonStyle,
  buttonUrl,
  choiceOption,
  confirm,
  dispatchConfig,
  imageSource,
  initialIsOption,
  oneImageSource,
  overflowOption,
  plainText,
} from './composition.js';
import { below, type Checking, fault, type Rule } from './fault.js';
import { MENUS } from './menus.js';
import { richText } from './rich-text.js';
import { flag, integer, list, matching, may, need, object, oneOf, text, typed, url } from './rules.js';

/** Everything that can stand in a block and be clicked, chosen or typed into. */

const action = { action_id: may(actionId) };
const asked = { ...action, confirm: may(confirm) };
const focus = { focus_on_load: may(flag) };
const hint = { placeholder: may(plainText(150)) };
const dispatched = { dispatch_action_config: may(dispatchConfig) };
const anyText = text(0, 3000);
const someId = matching(/^[A-Z][A-Z0-9]+$/, 30);
const numeric = matching(/^-?\d+(\.\d+)?$/, 100);

/** Where both are given, the smaller may not be the larger. */
const ordered =
  (low: string, high: string) =>
  (value: Record<string, unknown>, at: string, checking: Checking): void => {
    if (value[low] !== undefined && value[high] !== undefined && Number(value[low]) > Number(value[high]))
      fault(checking, below(at, low), `must not be greater than \`${high}\``);
  };

export const image: Rule = object(
  { type: need(oneOf('image')), alt_text: need(text(1, 2000)), ...imageSource },
  oneImageSource,
);

export const button: Rule = typed<Button>('button', {
  ...asked,
  text: need(plainText(75)),
  value: may(text(1, 2000)),
  url: may(buttonUrl),
  style: may(buttonStyle),
  accessibility_label: may(text(1, 75)),
});

const workflowButton: Rule = typed<WorkflowButton>('workflow_button', {
  ...asked,
  text: need(plainText(75)),
  style: may(buttonStyle),
  accessibility_label: may(text(1, 75)),
  workflow: need(
    object({
      trigger: need(
        object({
          url: need(url()),
          customizable_input_parameters: may(
            list(object({ name: need(text(1, 255)), value: need(text(1, 3000)) }), 1, 100),
          ),
        }),
      ),
    }),
  ),
});

const CHOICES: Record<string, Rule> = {
  checkboxes: typed<Checkboxes>(
    'checkboxes',
    {
      ...asked,
      ...focus,
      options: need(list(choiceOption, 1, 10)),
      initial_options: may(list(choiceOption, 1, 10)),
    },
    initialIsOption,
  ),
  radio_buttons: typed<RadioButtons>(
    'radio_buttons',
    { ...asked, ...focus, options: need(list(choiceOption, 1, 10)), initial_option: may(choiceOption) },
    initialIsOption,
  ),
  datepicker: typed<Datepicker>('datepicker', {
    ...asked,
    ...focus,
    ...hint,
    initial_date: may(matching(/^\d{4}-\d{2}-\d{2}$/, 10)),
  }),
  timepicker: typed<Timepicker>('timepicker', {
    ...asked,
    ...focus,
    ...hint,
    initial_time: may(matching(/^([01]\d|2[0-3]):[0-5]\d$/, 5)),
    timezone: may(text(1, 100)),
  }),
};
const datetimepicker: Rule = typed<DateTimepicker>('datetimepicker', {
  ...asked,
  ...focus,
  initial_date_time: may(integer(1_000_000_000, 9_999_999_999)),
});
const overflow: Rule = typed<Overflow>('overflow', { ...asked, options: need(list(overflowOption, 1, 5)) });
const typing = { ...action, ...dispatched, ...focus, ...hint };
const richTextInput: Rule = typed<RichTextInput>(
  'rich_text_input',
  {
    ...typing,
    initial_value: may(richText),
    min_lines: may(integer(1, 100)),
    max_lines: may(integer(1, 100)),
  },
  ordered('min_lines', 'max_lines'),
);

/** In `actions`. */
export const ACTION_ELEMENTS: Record<string, Rule> = {
  button,
  workflow_button: workflowButton,
  overflow,
  datetimepicker,
  rich_text_input: richTextInput,
  ...MENUS,
  ...CHOICES,
};

/** Beside the text of a `section`. */
export const ACCESSORIES: Record<string, Rule> = {
  button,
  workflow_button: workflowButton,
  overflow,
  image,
  ...MENUS,
  ...CHOICES,
};

/** In `input`. */
export const INPUT_ELEMENTS: Record<string, Rule> = {
  ...MENUS,
  ...CHOICES,
  datetimepicker,
  rich_text_input: richTextInput,
  plain_text_input: typed<PlainTextInput>(
    'plain_text_input',
    {
      ...typing,
      initial_value: may(anyText),
      multiline: may(flag),
      min_length: may(integer(0, 3000)),
      max_length: may(integer(1, 3000)),
    },
    ordered('min_length', 'max_length'),
  ),
  email_text_input: typed<EmailInput>('email_text_input', { ...typing, initial_value: may(anyText) }),
  url_text_input: typed<URLInput>('url_text_input', { ...typing, initial_value: may(anyText) }),
  number_input: typed<NumberInput>(
    'number_input',
    {
      ...typing,
      is_decimal_allowed: need(flag),
      initial_value: may(numeric),
      min_value: may(numeric),
      max_value: may(numeric),
    },
    ordered('min_value', 'max_value'),
  ),
  file_input: typed<FileInput>('file_input', {
    ...action,
    filetypes: may(list(text(1, 20), 1, 100)),
    max_files: may(integer(1, 10)),
  }),
};

const opinion = need(
  object({ text: need(plainText(75)), value: need(text(1, 2000)), accessibility_label: may(text(1, 75)) }),
);
/** In `context_actions`. */
export const CONTEXT_ACTIONS: Record<string, Rule> = {
  feedback_buttons: typed<FeedbackButtons>('feedback_buttons', {
    ...action,
    positive_button: opinion,
    negative_button: opinion,
  }),
  icon_button: typed<IconButton>('icon_button', {
    ...asked,
    icon: need(text(1, 50)),
    text: need(plainText(75)),
    accessibility_label: may(text(1, 75)),
    value: may(text(1, 2000)),
    visible_to_user_ids: may(list(someId, 1, 100)),
  }),
};
