/** What the web role's settings say of Teams; `src/config.ts` has checked that they fit together. */
export interface TeamsSettings {
  /** Of the bot's registration; empty only with `local`. */
  appId: string;
  appPassword: string;
  /** Our tenant: who comes from another one is a stranger. */
  tenantId: string;
  /** Where Teams is called before it has called us; its newest authenticated message says better. With its path. */
  serviceUrl: string;
  /** Another login than Microsoft's, tenant included: tokens are at `<loginUrl>/oauth2/v2.0/token`. For tests. */
  loginUrl?: string;
  /** Other keys of Teams' tokens than Microsoft's. For tests. */
  openIdMetadata?: string;
  /** The Agents Playground on this machine: nobody and nothing is authenticated, neither way. */
  local?: 'playground';
}
