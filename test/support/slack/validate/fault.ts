/** What Slack answers to a payload it does not take: `error` and `response_metadata.messages`. */
export interface Refusal {
  error: string;
  /** e.g. `[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]` */
  messages: string[];
}
