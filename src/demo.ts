import type { CloudSettings } from './auth/clouds.js';
import { createDemoCloud } from './demo/index.js';

/** A demo cloud that runs inside this process. */
export interface RunningDemo {
  readonly cloud: CloudSettings;
  /** What a user without a cloud needs to begin: the log-ins and an example. */
  introduction(gatewayUrl: string): string;
  close(): Promise<void>;
}

/** Starts the demo cloud with so many servers. */
export async function startDemo(servers: number): Promise<RunningDemo> {
  const { authUrl, close } = await createDemoCloud({ servers });
  return { cloud: settingsOf(authUrl), introduction, close };
}

function settingsOf(authUrl: string): CloudSettings {
  return {
    name: 'demo',
    authUrl,
    region: null,
    interface: 'public',
    cacert: null,
    verify: true,
    cert: null,
    key: null,
    endpoints: {},
    microversions: {},
    credentials: null,
  };
}

const LOGIN =
  'mutation { issueToken(input: { password: { username: "alice", password: "alice-secret", userDomainName: "Default" }, ' +
  'scope: { projectName: "demo-a", projectDomainName: "Default" } }) { token expiresAt } }';

function introduction(gatewayUrl: string): string {
  return `
No cloud is configured (OS_AUTH_URL or OS_CLOUD), so this is the demo cloud. Log in as
  alice   alice-secret    member of project demo-a
  reader  reader-secret   reader in project demo-a
  bob     bob-secret      member of project demo-b
  admin   admin-secret    admin in projects admin, demo-a and demo-b
(domain Default). Open ${gatewayUrl}/graphql in a browser, or:

  curl -s ${gatewayUrl}/graphql -H 'Content-Type: application/json' -d '${JSON.stringify({ query: LOGIN })}'
`;
}
