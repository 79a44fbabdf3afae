/** A repository's address in two parts: what may be seen, and what git is told through its environment alone. */
export interface GitAddress {
  /** Without user and password: on the command line and in the clone's configuration stands this one. */
  address: string;
  /** Git settings (GIT_CONFIG_*) that carry the credentials to this address and to no other. */
  environment: Record<string, string>;
}

/** Splits the credentials off an http(s) address; any other address is used as it is. */
export function gitAddress(repository: string): GitAddress {
  if (!/^https?:\/\//.test(repository) || !URL.canParse(repository)) return { address: repository, environment: {} };
  const url = new URL(repository);
  const { username, password } = url;
  if (username === '' && password === '') return { address: repository, environment: {} };
  url.username = '';
  url.password = '';
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    address: url.href,
    environment: {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `http.${url.origin}/.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from(login).toString('base64')}`,
    },
  };
}
