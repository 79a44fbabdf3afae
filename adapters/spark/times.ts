/** `2026-11-23T02:14:00.000GMT` to ISO; the 1969 of an application that never ended is no time. */
export function isoOf(text: string | null | undefined): string | undefined {
  const at = Date.parse((text ?? '').replace(/GMT$/, 'Z'));
  return at > 0 ? new Date(at).toISOString() : undefined;
}
