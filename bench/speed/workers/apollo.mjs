// Apollo Server as its documentation starts it, over rows that lie joined in memory: what GraphQL costs where nobody has
// done anything about it.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { answerParent } from './worker.mjs';

const typeDefs = `
  type Query { server(id: ID!): Server  servers(first: Int!): ServerConnection }
  type ServerConnection { nodes: [Server!]! }
  type Server {
    id: ID! name: String status: String flavor: Flavor image: Image ports: [Port!] volumes: [Volume!]
  }
  type Flavor { name: String }
  type Image { name: String size: Float }
  type Port { id: ID! network: Network securityGroups: [SecurityGroup!] floatingIps: [FloatingIp!] }
  type Network { name: String }
  type SecurityGroup { name: String }
  type FloatingIp { floatingIpAddress: String }
  type Volume { id: ID! name: String size: Int }
`;

let nodes = [];
let byId = new Map();

const resolvers = {
  Query: {
    server: (_, { id }) => byId.get(id) ?? null,
    servers: (_, { first }) => ({ nodes: nodes.slice(0, first) }),
  },
};

const server = new ApolloServer({ typeDefs, resolvers });
const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } });

answerParent(
  (rows) => {
    nodes = rows;
    byId = new Map(rows.map((row) => [row.id, row]));
    return null;
  },
  { url: url.replace(/\/$/, '') },
);
