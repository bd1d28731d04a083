import { Agent, request } from 'node:http';

/** An answer of a gateway, as far as the torture looks at it. */
export interface Answer {
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Readonly<Record<string, unknown>> }[];
  readonly extensions?: {
    readonly cache?: { readonly unconfirmed?: readonly string[] };
    readonly explain?: { readonly cache: { readonly hits: number; readonly misses: number } };
    readonly stale?: readonly unknown[];
  };
}

const agent = new Agent({ keepAlive: true });

/** Posts a GraphQL operation; rejects where no whole answer comes. `fetch` costs several times as much. */
export function post(
  url: string,
  token: string,
  body: { readonly query: string; readonly variables: object },
  explain: boolean,
): Promise<Answer> {
  const text = JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-auth-token': token,
    ...(explain ? { 'x-explain': '1' } : {}),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/graphql`, { method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('close', () => {
        if (!response.complete) reject(new Error('the answer was cut off'));
      });
      response.on('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Answer);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

/** A token straight from Keystone. */
export async function login(authUrl: string, name: string, project: string): Promise<string> {
  const domain = { name: 'Default' };
  const response = await fetch(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name, domain, password: `${name}-secret` } } },
        scope: { project: { name: project, domain } },
      },
    }),
  });
  const token = response.headers.get('x-subject-token');
  if (token === null) throw new Error(`Keystone: expected a token for ${name}, got ${response.status}`);
  return token;
}
