import type { Refusal } from './fault.js';

export interface MessageArgs {
  method: 'chat.postMessage' | 'chat.update' | 'chat.postEphemeral';
  text?: string;
  markdown_text?: string;
  /** As parsed from the request's JSON. */
  blocks?: unknown;
  attachments?: unknown;
  metadata?: unknown;
}

/** What Slack would answer to a message it does not take; undefined when it takes it. */
export function validateMessage(args: MessageArgs): Refusal | undefined {
  void args;
  return undefined;
}
