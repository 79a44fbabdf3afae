import type { ObjectStoreOptions } from '../../adapters/object-store/open.js';
import type { PlatformConfig } from '../config.js';

/** This role's logins to object stores. Only what was configured is handed on; the rest the vendors' SDKs look for themselves. */
export function storeLogins(config: PlatformConfig): Pick<ObjectStoreOptions, 's3' | 'azure'> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = config;
  return {
    s3: {
      endpoint: config.DELTA_S3_ENDPOINT,
      region: config.DELTA_S3_REGION,
      ...(accessKeyId !== undefined && secretAccessKey !== undefined
        ? { credentials: { accessKeyId, secretAccessKey, sessionToken: config.AWS_SESSION_TOKEN } }
        : {}),
    },
    azure: {
      endpoint: config.DELTA_AZURE_ENDPOINT,
      sas: config.AZURE_STORAGE_SAS_TOKEN,
      accountKey: config.AZURE_STORAGE_KEY,
    },
  };
}
