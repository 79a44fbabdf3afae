import type { SlackWorkspace } from '../types.js';

/** What a person typed, with `@name` of a person, the app or a user group and `#channel` as the tokens that stand for them. */
export function withTokens(workspace: SlackWorkspace, typed: string): string {
  const tokens = tokensOf(workspace);
  if (tokens.size === 0) return typed;
  const names = [...tokens.keys()].sort((a, b) => b.length - a.length).map(quoted);
  const pattern = new RegExp(`(?<![\\w@#.])(?:${names.join('|')})(?![\\w-])`, 'gi');
  return typed.replace(pattern, (found) => tokens.get(found.toLowerCase()) ?? found);
}

/** What a mention or a channel is typed as, in lower case, and the token for it. Earlier names win. */
function tokensOf(workspace: SlackWorkspace): Map<string, string> {
  const out = new Map<string, string>();
  const add = (typed: string, token: string): void => {
    if (!out.has(typed.toLowerCase())) out.set(typed.toLowerCase(), token);
  };
  for (const { id, name, realName } of workspace.users.values()) {
    add(`@${name}`, `<@${id}>`);
    add(`@${realName}`, `<@${id}>`);
  }
  for (const { id, handle } of workspace.groups.values()) add(`@${handle}`, `<!subteam^${id}>`);
  for (const word of ['here', 'channel', 'everyone']) add(`@${word}`, `<!${word}>`);
  for (const { id, name, isIm } of workspace.channels.values()) if (!isIm) add(`#${name}`, `<#${id}>`);
  return out;
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** A slash command and what follows it; undefined when the text is a message. */
export function slashOf(typed: string): { command: string; text: string } | undefined {
  const found = /^(\/[a-z0-9_-]+)(?:\s+([\s\S]*))?$/i.exec(typed.trim());
  return found === null ? undefined : { command: found[1] ?? '', text: (found[2] ?? '').trim() };
}
