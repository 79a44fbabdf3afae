import { ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import { AppError } from '../../src/domain/errors.js';
import type { AccessTokens } from './access-token.js';

export type Authentication = ConfigurationBotFrameworkAuthentication;
export type Connector = Awaited<ReturnType<ReturnType<Authentication['createConnectorFactory']>['create']>>;
type Credentials = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[1]>;

/** Who signs the tokens of Teams' connector. */
export const ISSUER = 'https://api.botframework.com';

export interface AuthenticationSettings {
  appId: string;
  openIdMetadata?: string;
  loginUrl?: string;
  local?: 'playground';
}

interface Pipeline {
  removePolicy(which: { name: string }): unknown[];
  addPolicy(policy: {
    name: string;
    sendRequest(request: PipelineRequest, next: (request: PipelineRequest) => Promise<unknown>): Promise<unknown>;
  }): void;
}

interface PipelineRequest {
  headers: { set(name: string, value: string): void };
}

/** Who may call us, and how we show who we are. */
export function createAuthentication(
  { appId, openIdMetadata, loginUrl, local }: AuthenticationSettings,
  tokens: AccessTokens,
): Authentication {
  const credentials: Credentials = {
    isValidAppId: async (id) => id === appId,
    isAuthenticationDisabled: async () => local !== undefined,
    createCredentials: async () => ({
      async signRequest(request) {
        if (local === undefined) request.headers.set('authorization', `Bearer ${await tokens.get()}`);
        return request;
      },
    }),
  };
  const places = openIdMetadata === undefined && loginUrl === undefined ? {} : placesOf(openIdMetadata, loginUrl);
  const authentication = new ConfigurationBotFrameworkAuthentication(places, credentials);
  withoutRetries(authentication);
  return authentication;
}

const MICROSOFT_KEYS = 'https://login.botframework.com/v1/.well-known/openidconfiguration';
const MICROSOFT_OWN_KEYS = 'https://login.microsoftonline.com/botframework.com/v2.0/.well-known/openid-configuration';

/** If any of these is given to botbuilder, all must be. */
function placesOf(openIdMetadata: string | undefined, loginUrl: string | undefined): Record<string, string | boolean> {
  return {
    ToChannelFromBotLoginUrl: loginUrl ?? 'https://login.microsoftonline.com/botframework.com',
    ToChannelFromBotOAuthScope: 'https://api.botframework.com',
    ToBotFromChannelTokenIssuer: ISSUER,
    OAuthUrl: 'https://token.botframework.com',
    ToBotFromChannelOpenIdMetadataUrl: openIdMetadata ?? MICROSOFT_KEYS,
    ToBotFromEmulatorOpenIdMetadataUrl: openIdMetadata ?? MICROSOFT_OWN_KEYS,
    ValidateAuthority: loginUrl === undefined,
    CallerId: 'urn:botframework:azure',
  };
}

/**
 * Its HTTP pipeline sends a POST again after 429, 5xx and a cut connection, so that a message whose reply was lost stands twice. The
 * pipeline takes no option for it; the policy that does it is taken out of each connector as it is made. Each call has a connection of
 * its own: one that was kept may have been given up on the way meanwhile, and then nobody knows whether the call was done.
 */
function withoutRetries(authentication: Authentication): void {
  const createFactory = authentication.createConnectorFactory.bind(authentication);
  authentication.createConnectorFactory = (claims) => {
    const factory = createFactory(claims);
    return {
      async create(serviceUrl, audience) {
        const connector = await factory.create(serviceUrl, audience);
        const { pipeline } = (connector as unknown as { client: { pipeline: Pipeline } }).client;
        const removed = pipeline.removePolicy({ name: 'defaultRetryPolicy' });
        if (removed.length !== 1)
          throw new AppError('internal', { safeText: 'The retries of botbuilder can not be switched off.' });
        pipeline.addPolicy({
          name: 'ownConnection',
          sendRequest(request, next) {
            request.headers.set('connection', 'close');
            return next(request);
          },
        });
        return connector;
      },
    };
  };
}

/** For a call outside any conversation. */
export async function connectorFor(
  authentication: Authentication,
  appId: string,
  serviceUrl: string,
): Promise<Connector> {
  const claims = identityOf(appId);
  return authentication.createConnectorFactory(claims).create(serviceUrl, undefined as unknown as string);
}

type Claims = Parameters<Authentication['createConnectorFactory']>[0];

function identityOf(appId: string): Claims {
  const claims = [
    { type: 'aud', value: appId },
    { type: 'appid', value: appId },
  ];
  return {
    claims,
    isAuthenticated: true,
    getClaimValue: (type: string) => claims.find((claim) => claim.type === type)?.value ?? null,
  } as unknown as Claims;
}
