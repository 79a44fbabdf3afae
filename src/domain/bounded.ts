/** At most so long, and it says how much is not there. */
export function bounded(text: string, length: number): string {
  if (text.length <= length) return text;
  const note = ` … (${text.length - length} more characters)`;
  return `${text.slice(0, length - note.length).replace(/[\uD800-\uDBFF]$/, '')}${note}`;
}
