/** What ids stand for. Anything unknown is shown as its id, as Slack shows what a reader may not see. */
export interface Names {
  user(id: string): string | undefined;
  channel(id: string): string | undefined;
  group(id: string): string | undefined;
}

const EMOJI: Record<string, string> = {
  alarm_clock: '⏰',
  arrow_right: '➡️',
  ballot_box_with_check: '☑️',
  bell: '🔔',
  black_circle: '⚫',
  boom: '💥',
  bug: '🐛',
  bulb: '💡',
  chart_with_downwards_trend: '📉',
  chart_with_upwards_trend: '📈',
  clock1: '🕐',
  construction: '🚧',
  cross_mark: '❌',
  double_vertical_bar: '⏸️',
  eyes: '👀',
  fire: '🔥',
  gear: '⚙️',
  hammer_and_wrench: '🛠️',
  heavy_check_mark: '✔️',
  heavy_minus_sign: '➖',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  information_source: 'ℹ️',
  key: '🔑',
  large_blue_circle: '🔵',
  large_green_circle: '🟢',
  large_orange_circle: '🟠',
  large_yellow_circle: '🟡',
  link: '🔗',
  lock: '🔒',
  mag: '🔍',
  memo: '📝',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  octagonal_sign: '🛑',
  page_facing_up: '📄',
  pencil2: '✏️',
  question: '❓',
  raised_hand: '✋',
  red_circle: '🔴',
  repeat: '🔁',
  robot_face: '🤖',
  rotating_light: '🚨',
  shield: '🛡️',
  siren: '🚨',
  speech_balloon: '💬',
  stopwatch: '⏱️',
  tada: '🎉',
  thumbsdown: '👎',
  thumbsup: '👍',
  ticket: '🎫',
  wave: '👋',
  warning: '⚠️',
  white_check_mark: '✅',
  white_circle: '⚪',
  wrench: '🔧',
  writing_hand: '✍️',
  x: '❌',
  zzz: '💤',
  '+1': '👍',
  '-1': '👎',
};

/** Undefined for a name that Slack may know and this page does not. */
export function emoji(name: string): string | undefined {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : undefined;
}

/** Text as Slack shows `plain_text`: emoji by name, nothing else. */
export function withEmoji(text: string): string {
  return text.replace(/:([a-z0-9_+-]{1,40}):/g, (whole, name: string) => emoji(name) ?? whole);
}

/** Slack's escapes, undone: the text itself is escaped again by whoever renders it. */
export function unescaped(text: string): string {
  return text.replace(/&(lt|gt|amp);/g, (_whole, name: string) => (name === 'lt' ? '<' : name === 'gt' ? '>' : '&'));
}

/** An address that may be followed from the page; never a script. */
export function safeUrl(url: string): string | undefined {
  return /^(https?:\/\/|mailto:)[^\s"<>]+$/i.test(url) ? url : undefined;
}

/** A Slack date token's text, e.g. `{date_short} at {time}`, in this machine's time zone; the fallback for what is no date. */
export function dateText(seconds: number, format: string, fallback: string): string {
  const at = new Date(seconds * 1000);
  if (!Number.isFinite(seconds) || Number.isNaN(at.getTime())) return fallback;
  const part = (options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat('en-US', options).format(at);
  const known: Record<string, () => string> = {
    date_num: () => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    date: () => part({ month: 'long', day: 'numeric', year: 'numeric' }),
    date_short: () => part({ month: 'short', day: 'numeric', year: 'numeric' }),
    date_long: () => part({ weekday: 'long', month: 'long', day: 'numeric', year: 'numeric' }),
    time: () => part({ hour: 'numeric', minute: '2-digit' }),
    time_secs: () => part({ hour: 'numeric', minute: '2-digit', second: '2-digit' }),
    ago: () => ago(at),
  };
  return format.replace(/\{([a-z_]+)\}/g, (whole, name: string) =>
    (known[name.replace('_pretty', '')] ?? (() => whole))(),
  );
}

function ago(at: Date): string {
  const minutes = Math.round((Date.now() - at.getTime()) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  return minutes < 1440 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 1440)} d ago`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
