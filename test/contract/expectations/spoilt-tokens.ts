import type { HttpClient } from '../../../src/domain/platform-ports.js';

/** Airflow's HTTP as it is, but the first `times` tokens it gives arrive with a signature that is none. */
export function spoiltTokens(http: HttpClient, times: number): { http: HttpClient; logins: () => number } {
  let logins = 0;
  return {
    logins: () => logins,
    http: {
      async request(request) {
        const answer = await http.request(request);
        if (request.path !== '/auth/token') return answer;
        logins += 1;
        if (logins > times) return answer;
        const { access_token: token } = JSON.parse(answer.text) as { access_token: string };
        const spoilt = `${token.split('.').slice(0, 2).join('.')}.${Buffer.from('none').toString('base64url')}`;
        return { ...answer, text: JSON.stringify({ access_token: spoilt }) };
      },
    },
  };
}
