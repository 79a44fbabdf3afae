/** Neutral input forms; the web page, Slack modals and Teams dialogs render them, `values` come back as strings by name. */
export type Field =
  | {
      kind: 'text';
      name: string;
      label: string;
      hint?: string;
      value: string;
      required: boolean;
      minLength?: number;
      maxLength: number;
      multiline: boolean;
    }
  | {
      kind: 'number';
      name: string;
      label: string;
      hint?: string;
      value: string;
      required: boolean;
      minimum?: number;
      maximum?: number;
      unit?: string;
    }
  | {
      kind: 'choice';
      name: string;
      label: string;
      hint?: string;
      value: string;
      required: boolean;
      options: { value: string; label: string }[];
    };

export interface Form {
  title: string;
  submit: string;
  fields: Field[];
}
