import { AppError } from '../../src/domain/errors.js';

/** What went wrong on the way to the remote, by what git says of it; its words, which hold addresses, are not taken over. */
export function errorOfRemote(stderr: string, otherwise: AppError): AppError {
  const status = /returned error: (\d{3})/.exec(stderr)?.[1];
  // With prompts off, git asks for a user name where the server refuses the one it was given.
  if (
    status === '401' ||
    /Authentication failed|could not read (Username|Password)|Permission denied \(publickey/.test(stderr)
  )
    return new AppError('unauthenticated', {
      safeText: 'The git repository refuses the login that is configured for it.',
    });
  if (status === '403')
    return new AppError('forbidden', { safeText: 'The login for the git repository may not do this.' });
  if (status === '404' || /repository '?.*'? not found|does not appear to be a git repository/i.test(stderr))
    return new AppError('unavailable', {
      retryable: false,
      safeText: 'There is no git repository at the configured address, or its login may not see it.',
    });
  return otherwise;
}
