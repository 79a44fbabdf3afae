import { COMMAND } from '../action-ids.js';

/** What people are told here, in one place. */

export const OTHER_WORKSPACE =
  'Not counted: you are in another Slack workspace, and only people of this one can be recognised.';
export const UNKNOWN_PERSON =
  'Not counted: your Slack account shows no confirmed e-mail address, so nobody can tell what you may do. Ask the operators of Countersign.';
export const NOT_FOR_YOU =
  'Your Slack account is a guest’s or shows no confirmed e-mail address, so you are shown nothing beside what stands in your channels. Ask the operators of Countersign.';
export const OPENED_LATE = 'The form could not be opened in time. Click again.';

export const HELP_IN_THREAD = [
  'Ask me about this incident: mention me with a question, e.g. “when did the schema change?”',
  'Begin with “grant 3” to allow three more tool calls for the answer.',
  'Whatever people write here without mentioning me is noted with the incident.',
].join('\n');

export const HELP_IN_CHANNEL = [
  'I investigate data pipeline incidents, and change nothing that nobody countersigned.',
  `• ${COMMAND} list, status, digest, open TEXT`,
  '• “Investigate this alert” in a message’s menu',
  '• In an incident’s thread: mention me with a question',
].join('\n');
