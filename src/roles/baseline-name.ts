/**
 * `alert_only`: the configured model with the alert and no tool call. `all_at_once`: with the answers of all seven reading tools, each
 * asked once. Neither has the loop of an agent.
 */
export type BaselineName = 'alert_only' | 'all_at_once';

export function isBaseline(name: string): name is BaselineName {
  return name === 'alert_only' || name === 'all_at_once';
}
