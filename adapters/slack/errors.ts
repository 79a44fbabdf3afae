import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import { AppError, type ErrorKind } from '../../src/domain/errors.js';

const INVITE = 'Invite it there: /invite @Countersign';
const TOKEN = 'Install the app again and set SLACK_BOT_TOKEN to its token.';
const REINSTALL = 'Install the app again with adapters/slack/manifest.yaml; countersign doctor names what is missing.';
const OURS = 'This is a fault of Countersign; it is shown as plain text instead.';
const ASK_ADMIN = 'Ask an administrator of the Slack workspace.';
const PRESS_AGAIN = 'Press the button again.';

type Meaning = [kind: ErrorKind, text: string];

/** Slack's error codes in our words. A code that is listed as anything but `unavailable` proves that nothing was done. */
const MEANING: Record<string, Meaning> = {
  ...all('invalid_input', {
    invalid_blocks: `Slack refused the blocks of a message. ${OURS}`,
    invalid_blocks_format: `Slack could not read the blocks of a message. ${OURS}`,
    msg_blocks_too_long: `A message has more text than Slack takes. ${OURS}`,
    msg_blocks_too_many: `A message has more blocks than Slack takes. ${OURS}`,
    too_many_attachments: `A message has more attachments than Slack takes. ${OURS}`,
    msg_too_long: 'A text is longer than Slack takes in an edit.',
    no_text: 'A message without any text was to be sent.',
    markdown_text_conflict: 'A message with two kinds of text was to be sent.',
    metadata_too_large: "A message's metadata is larger than Slack takes.",
    invalid_metadata_format: "Slack could not read a message's metadata.",
    invalid_metadata_schema: "Slack refused a message's metadata.",
    view_too_large: 'A form is larger than Slack takes.',
    invalid_arguments: 'Slack refused an argument.',
    invalid_arg_name: "Slack refused an argument's name.",
    invalid_array_arg: 'Slack refused a list.',
    invalid_form_data: 'Slack could not read the request.',
    invalid_json: 'Slack could not read the request.',
    json_not_object: 'Slack could not read the request.',
    duplicate_external_id: 'A form of this name is open already.',
  }),
  ...all('not_found', {
    message_not_found: 'The message is not in Slack any more.',
    cannot_reply_to_message: 'This message can not be replied to.',
    thread_not_found: 'The thread is not in Slack any more.',
    channel_not_found: `Slack knows no such channel, or the app is not a member of it. ${INVITE}`,
    user_not_found: 'Slack knows no such user.',
    user_not_visible: 'The app may not see this user.',
    users_not_found: 'Slack knows no such user.',
    no_such_subteam: 'Slack knows no such user group.',
    not_found: 'The form is not open any more.',
  }),
  ...all('forbidden', {
    not_in_channel: `The app is not a member of the channel. ${INVITE}`,
    messages_tab_disabled: `The app can not write to people directly. ${REINSTALL}`,
    user_disabled: 'The account is deactivated.',
    cannot_dm_bot: 'This is an app, not a person.',
    user_not_in_channel: 'The person is not a member of the channel.',
    is_archived: 'The channel is archived. Route its incidents to another one in policy.yaml.',
    is_inactive: 'The channel is archived. Route its incidents to another one in policy.yaml.',
    missing_scope: `The app lacks a right in Slack. ${REINSTALL}`,
    no_permission: `The app lacks a right in Slack. ${REINSTALL}`,
    not_allowed_token_type:
      'Slack takes another kind of token here. SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-.',
    access_denied: `Slack refuses this to the app. ${ASK_ADMIN}`,
    ekm_access_denied: `The workspace's key management refuses this to the app. ${ASK_ADMIN}`,
    team_access_not_granted: `The app may not act in this workspace. ${ASK_ADMIN}`,
    restricted_action: `The workspace does not let the app post there. ${ASK_ADMIN}`,
    restricted_action_read_only_channel: `Only few may post in this channel. ${ASK_ADMIN}`,
    restricted_action_thread_only_channel: `In this channel only threads may be written to. ${ASK_ADMIN}`,
    restricted_action_non_threadable_channel:
      'This channel allows no threads. Route its incidents to another one in policy.yaml.',
    restricted_action_thread_locked: `The thread is locked. ${ASK_ADMIN}`,
    cant_update_message: 'The message is of somebody else, so the app may not edit it.',
    cant_delete_message: 'The message is of somebody else, so the app may not delete it.',
    edit_window_closed: `The workspace does not let old messages be edited. ${ASK_ADMIN}`,
  }),
  ...all('unauthenticated', {
    invalid_auth: `Slack does not know the token. ${TOKEN}`,
    not_authed: `No token was sent to Slack. ${TOKEN}`,
    account_inactive: `The app was removed from the workspace. ${TOKEN}`,
    token_revoked: `The token was revoked. ${TOKEN}`,
    token_expired: `The token is too old. ${TOKEN}`,
    org_login_required: `The workspace is being moved to an organisation. ${ASK_ADMIN}`,
  }),
  ...all('rate_limited', {
    ratelimited: 'Slack asks us to slow down.',
    rate_limited: 'Slack asks us to slow down.',
    message_limit_exceeded: 'The workspace has sent as many messages as it may.',
  }),
  ...all('unavailable', {
    fatal_error: 'Slack failed inside; whether it was done is not known.',
    internal_error: 'Slack failed inside; whether it was done is not known.',
    service_unavailable: 'Slack is not able to answer now; whether it was done is not known.',
    request_timeout: 'Only a part of the request reached Slack.',
    external_channel_migrating: 'The shared channel is being moved; Slack takes nothing there meanwhile.',
    team_added_to_org: 'The workspace is being moved; Slack takes nothing meanwhile.',
  }),
  ...all('conflict', {
    hash_conflict: 'Something else changed the form meanwhile.',
    streaming_state_conflict: 'The message is being written to, so it can not be edited now.',
  }),
  ...all('precondition', {
    expired_trigger_id: `It took too long until the form could be opened. ${PRESS_AGAIN}`,
    exchanged_trigger_id: `The form was opened already. ${PRESS_AGAIN}`,
    invalid_trigger_id: `The form could not be opened. ${PRESS_AGAIN}`,
    push_limit_reached: 'Three forms are open on top of each other. Close one.',
  }),
  ...all('misconfigured', {
    unknown_method: 'What SLACK_API_URL names does not know this call.',
  }),
};

/** The only mapper of what `@slack/web-api` throws. `unavailable` and `timeout`: whether it was done is not known; all else was not. */
export function slackError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof WebAPIRateLimitedError) return limited(thrown, thrown.retryAfter);
  if (thrown instanceof WebAPIPlatformError) return refused(thrown);
  if (thrown instanceof WebAPIHTTPError) return answered(thrown);
  if (isBareRateLimit(thrown)) return limited(thrown, undefined);
  return unanswered(thrown instanceof WebAPIRequestError ? thrown.original : thrown, thrown);
}

/** Slack's own code, for those who must react to one in particular; undefined when it is none that is known here. */
export function slackCode(thrown: unknown): string | undefined {
  const code: unknown = thrown instanceof WebAPIPlatformError ? thrown.data.error : undefined;
  return typeof code === 'string' && Object.hasOwn(MEANING, code) ? code : undefined;
}

function all(kind: ErrorKind, texts: Record<string, string>): Record<string, Meaning> {
  return Object.fromEntries(Object.entries(texts).map(([code, text]) => [code, [kind, text]]));
}

/** `ok: false`. An answer that is no JSON arrives here too, with the whole page as its code: a proxy answered, not Slack. */
function refused(error: WebAPIPlatformError): AppError {
  const code = slackCode(error);
  if (code === undefined) return unlisted(error);
  const [kind, safeText] = MEANING[code] as Meaning;
  if (kind === 'rate_limited') return limited(error, error.data.response_metadata?.retryAfter, safeText);
  return new AppError(kind, { safeText, cause: error });
}

function unlisted(error: WebAPIPlatformError): AppError {
  const looksLikeSlack = /^[a-z0-9_]{3,80}$/.test(String(error.data.error));
  return looksLikeSlack
    ? new AppError('unexpected_answer', {
        safeText: 'Slack refused the call with a code that Countersign does not know; see the process log.',
        cause: error,
      })
    : new AppError('unavailable', {
        safeText: 'Something between us and Slack answered in its place; whether it was done is not known.',
        cause: error,
      });
}

function answered(error: WebAPIHTTPError): AppError {
  const status = `status ${error.statusCode}`;
  if (error.statusCode === 413) {
    return new AppError('invalid_input', {
      safeText: `The message is larger than Slack takes (${status}).`,
      cause: error,
    });
  }
  if (error.statusCode >= 500 || error.statusCode === 408) {
    return new AppError('unavailable', {
      safeText: `Slack is not able to answer now (${status}); whether it was done is not known.`,
      cause: error,
    });
  }
  return new AppError('unexpected_answer', {
    safeText: `Slack did not take the call (${status}). Look at the proxy between us and Slack, and at SLACK_API_URL.`,
    cause: error,
  });
}

function limited(cause: unknown, seconds: number | undefined, safeText = 'Slack asks us to slow down.'): AppError {
  return new AppError('rate_limited', {
    safeText,
    ...(seconds === undefined ? {} : { retryAfterMs: Math.max(0, seconds) * 1000 }),
    cause,
  });
}

/** A 429 whose Retry-After is missing or no number is thrown by the client as a bare Error. */
function isBareRateLimit(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.startsWith('Retry header did not contain a valid timeout');
}

/** No answer, or only the beginning of one: the client reads bodies outside of its own error handling. */
function unanswered(inner: unknown, cause: unknown): AppError {
  const late = inner instanceof Error && (inner.name === 'TimeoutError' || inner.name === 'AbortError');
  return late
    ? new AppError('timeout', {
        safeText: 'Slack did not answer in time; whether it was done is not known.',
        cause,
      })
    : new AppError('unavailable', {
        safeText: 'The connection to Slack broke; whether it was done is not known.',
        cause,
      });
}
