import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';
import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './explorer.css';

const SANDBOX = 'https://studio.apollographql.com/sandbox/explorer';

const LOGIN = `# Log in first: run this mutation, copy the token of its answer into "X-Auth-Token" in the
# Headers tab below, then reload the schema (the round arrow at the left) and ask away.
mutation LogIn {
  issueToken(
    input: {
      password: { username: "alice", password: "alice-secret", userDomainName: "Default" }
      scope: { projectName: "demo-a", projectDomainName: "Default" }
    }
  ) {
    token
    expiresAt
    project {
      name
    }
    roles
  }
}
`;

const HEADERS = JSON.stringify({ 'X-Auth-Token': '', 'X-Explain': '1' }, null, 2);

const endpoint = new URL('/graphql', window.location.href);
const sandbox = `${SANDBOX}?endpoint=${encodeURIComponent(endpoint.href)}`;

function Explorer() {
  return (
    <>
      <header className="bar">
        <strong>stratograph</strong>
        <span>
          Log in with <code>issueToken</code>, then set <code>X-Auth-Token</code> under Headers.
        </span>
        <a href="/schema.graphql" target="_blank" rel="noreferrer">
          Schema
        </a>
        <a
          href={sandbox}
          target="_blank"
          rel="noreferrer"
          title="Needs the internet, and CORS_ORIGINS=https://studio.apollographql.com at the gateway"
        >
          Open in Apollo Sandbox
        </a>
      </header>
      <main className="ide">
        <GraphiQL
          fetcher={createGraphiQLFetcher({ url: endpoint.href })}
          defaultQuery={LOGIN}
          defaultHeaders={HEADERS}
          defaultEditorToolsVisibility="headers"
          shouldPersistHeaders={false}
        />
      </main>
    </>
  );
}

createRoot(document.getElementById('explorer')).render(<Explorer />);
