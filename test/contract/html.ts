/** Our own pages as text: enough of HTML for what we write ourselves, and strict about what comes alive in it. */

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function decoded(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|#39|#x([0-9a-f]+)|#(\d+));/gi, (whole, name: string, hex, decimal) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined && ENTITIES[name] === undefined) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name] ?? whole;
  });
}

/** What a person reads: tags gone, a line for each block, entities as characters. Values of inputs are not text. */
export function textOf(html: string): string {
  const blocks = html
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<\/(p|li|h\d|div|tr|td|dt|dd|pre|summary|section|article|br)>|<br\s*\/?>/g, '\n')
    .replaceAll(/<[^>]*>/g, '');
  return decoded(blocks);
}

export function attribute(html: string, name: string): string {
  return decoded(new RegExp(`\\s${name}="([^"]*)"`).exec(html)?.[1] ?? '');
}

/** The value of a hidden input. */
export function hidden(html: string, name: string): string {
  return decoded(new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '');
}

/** Scripts that are not files of ours, handlers, addresses that lead elsewhere, and tags that our pages never have. */
export function aliveIn(html: string): string[] {
  const tags = html.match(/<[a-z][^>]*>/gi) ?? [];
  return tags.filter((tag) => {
    if (/^<(script)/i.test(tag) && !/\ssrc="\/[^/]/.test(tag)) return true;
    if (/^<(iframe|object|embed|base|img|svg\s+onload)/i.test(tag)) return true;
    if (/\son[a-z]+\s*=/i.test(tag)) return true;
    const addresses = [...tag.matchAll(/\s(?:href|src|action|formaction|hx-[a-z]+)="([^"]*)"/gi)].map(
      ([, to = '']) => to,
    );
    return addresses.some(
      (to) => /^\s*(?:[a-z][a-z0-9+.-]*:|\/\/|\\)/i.test(decoded(to)) && !decoded(to).startsWith('data:,'),
    );
  });
}
