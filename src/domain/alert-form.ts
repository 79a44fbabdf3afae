import { Severity } from './alert.js';
import type { Form } from './form.js';

/** An incident that a person opens in a chat: what an alert would have said. */
export const OPEN_ALERT: Form = {
  title: 'Open an incident',
  submit: 'Investigate',
  fields: [
    {
      kind: 'text',
      name: 'title',
      label: 'What is wrong?',
      hint: 'One line. Whoever opens an incident cannot approve its repair.',
      value: '',
      required: true,
      minLength: 3,
      maxLength: 300,
      multiline: false,
    },
    {
      kind: 'text',
      name: 'text',
      label: 'What was seen',
      hint: 'Error text, run, time: whatever you have.',
      value: '',
      required: false,
      maxLength: 3000,
      multiline: true,
    },
    {
      kind: 'choice',
      name: 'severity',
      label: 'Severity',
      value: 'medium',
      required: true,
      options: Severity.options.map((value) => ({
        value,
        label: `${value.charAt(0).toUpperCase()}${value.slice(1)}`,
      })),
    },
    { kind: 'text', name: 'dag', label: 'DAG', value: '', required: false, maxLength: 250, multiline: false },
    { kind: 'text', name: 'table', label: 'Table', value: '', required: false, maxLength: 250, multiline: false },
  ],
};
