/** What people are told in Teams alone; what they are told in every chat is in `src/domain/talk.ts`. */

export const OTHER_TENANT =
  'Not counted: your account is of another company, and only people of this one can be recognised.';
export const UNKNOWN_PERSON =
  'Not counted: Teams shows no account of this company with an address for you, so nobody can tell what you may do. Ask the operators of Countersign.';
export const NOT_FOR_YOU =
  'Teams shows no account of this company with an address for you, so you are shown nothing beside what stands in your channels. Ask the operators of Countersign.';
export const NOT_NOTED =
  'Not noted: Teams shows no account of this company with an address for you, so what you write here is not kept with the incident.';
export const RECORDING = 'It is being written to the log. The card shows it when it is there.';
export const WORKING = 'This takes a moment. The answer comes as a message.';
export const OPENING = 'The incident is being opened. Its name comes as a message.';
export const NOT_READ = 'The log could not be read in time. Nothing was recorded; click again.';
export const WRITTEN_ALONE = 'The answer is in your chat with me, as it may name incidents of other channels.';
export const WRITE_ALONE =
  'This may name incidents of other channels, so I tell it to you alone: add the app Countersign for yourself and write the same in your chat with me.';
export const COPY =
  'A copy: Teams lost the answer to this message, so it was sent twice. What counts is the other one in this thread, which is kept up to date.';

export const HELP_IN_THREAD = [
  'Ask me about this incident: mention me with a question, e.g. “when did the schema change?”',
  'Begin with “grant 3” to allow three more tool calls for the answer.',
  'Begin with “note” and what you write is kept with the incident. What people write without mentioning me I do not see.',
].join('\n');

export const TALK_NOT_TAKEN =
  'It is not certain that I took this in. Look below whether an answer comes; if none does, write it again.';
