import { type Names, withEmoji } from './names.js';

/** Where an element stands: its block, what the page knows of people, and what a field already holds. */
export interface Spot {
  blockId: string;
  names: Names;
  /** People and channels to choose from in selects of Slack's own lists. */
  people: Choice[];
  channels: Choice[];
  /** In an `input` block, whose value is sent with the form instead of at once. */
  inForm: boolean;
  label?: string;
  /** Id of the place where it is said what is wrong with the field. */
  describedBy?: string;
  required?: boolean;
}

export interface Choice {
  value: string;
  text: string;
}

/** An interactive element as Slack's types name it; read loosely, as the page must show also what it does not know. */
export type SlackElement = { type: string; action_id?: string } & Record<string, unknown>;

/** What the client script reads from an element. */
export function wired(element: SlackElement, spot: Spot): Record<string, string | undefined> {
  return {
    'data-action': element.action_id ?? '',
    'data-block': spot.blockId,
    'data-type': element.type,
    'data-form': spot.inForm ? 'yes' : undefined,
    'aria-label': spot.label,
    'aria-describedby': spot.describedBy,
    'aria-required': spot.inForm && spot.required ? 'true' : undefined,
  };
}

/** The text of a `plain_text` object; empty without one. */
export function plain(text: unknown): string {
  return withEmoji(String((text as { text?: unknown } | undefined)?.text ?? ''));
}
