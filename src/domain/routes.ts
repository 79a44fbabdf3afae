import { Severity } from './alert.js';
import type { IncidentSummary } from './card.js';
import type { Inventory } from './pipeline.js';
import type { Policy } from './policy.js';

export type Route = Policy['routes'][number];

/** Where an incident is told: the first route that fits; undefined when none does, and then it is on the web page alone. */
export function routeOf(policy: Policy, summary: Pick<IncidentSummary, 'owner' | 'severity'>): Route | undefined {
  return policy.routes.find((route) => fits(route, summary.owner, summary.severity));
}

function fits({ owner, severity }: Route, ofOwner: string, ofSeverity: string): boolean {
  const severities: readonly string[] = severity ?? Severity.options;
  return (owner === undefined || owner === ofOwner) && severities.includes(ofSeverity);
}

/**
 * What is odd about the routes, in plain words: those that no incident can ever reach, and pipelines whose incidents no route takes.
 * Nothing of it makes a policy wrong.
 */
export function routeWarnings(policy: Policy, inventory: Inventory): string[] {
  if (policy.routes.length === 0) return [];
  return [...policy.routes.flatMap((_, at) => unreachable(policy.routes, at)), ...untold(policy, inventory)];
}

/** Its owner and severities are all taken by the routes above it. */
function unreachable(routes: readonly Route[], at: number): string[] {
  const route = routes[at];
  const above = routes.slice(0, at);
  const left = (route?.severity ?? Severity.options).filter(
    (severity) =>
      !above.some(
        (earlier) =>
          (earlier.owner === undefined || earlier.owner === route?.owner) &&
          (earlier.severity === undefined || earlier.severity.includes(severity)),
      ),
  );
  if (left.length > 0) return [];
  return [`route ${at + 1} (${routeText(route)}) is never reached: the routes above it take all that it would`];
}

function routeText(route: Route | undefined): string {
  const whose = route?.owner === undefined ? 'any owner' : `owner ${route.owner}`;
  return `${whose}, ${route?.severity === undefined ? 'any severity' : route.severity.join(', ')}`;
}

/** By pipeline: the severities at which it can fail without being told anywhere. */
function untold(policy: Policy, inventory: Inventory): string[] {
  return inventory.pipelines.flatMap(({ dag, owner, severity }) => {
    // A critical pipeline raises every alert to critical; for the others the alert says how bad it is.
    const possible = severity === 'critical' ? ['critical'] : Severity.options;
    const missing = possible.filter((one) => routeOf(policy, { owner, severity: one }) === undefined);
    if (missing.length === 0) return [];
    const when = missing.length === possible.length ? '' : ` at severity ${missing.join(', ')}`;
    return [`no route takes ${dag} (owner ${owner})${when}: its incidents are on the web page alone`];
  });
}
