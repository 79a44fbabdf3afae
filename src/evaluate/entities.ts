const WHOLE = new Set(['delta', 'registry', 'kafka']);

/** `spark:config/app.image` as component and bare name: kinds such as `config/` and `node/` are ours and appear in no system. */
function splitUrn(urn: string): { component: string; name: string } {
  const colon = urn.indexOf(':');
  return {
    component: urn.slice(0, colon),
    name: urn
      .slice(colon + 1)
      .replace(/^(config|node|pod|pool)\//, '')
      .replace(/-value$/, ''),
  };
}

/**
 * Whether a text speaks of an entity. Tables, subjects and topics must appear whole; names made of parts (a setting in its file,
 * a task of a DAG, a region of a provider) may appear part by part, as the systems print them.
 */
export function mentions(text: string, urn: string): boolean {
  const { component, name } = splitUrn(urn);
  if (text.includes(name)) return true;
  if (WHOLE.has(component)) return false;
  return name.split(/[./]/).every((part) => part !== '' && text.includes(part));
}
