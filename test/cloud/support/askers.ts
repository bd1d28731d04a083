import { ADMIN, ALICE, BOB, Client, READER, type User } from '../../support/client.js';
import { mutate } from './mutate.js';
import { Raw } from './openstack.js';
import { Truth } from './truth.js';

/** Somebody with a token: at the gateway, and at OpenStack itself with the very same token. */
export interface Asker {
  readonly name: string;
  readonly client: Client;
  readonly raw: Raw;
  readonly isAdmin: boolean;
  /** Types in the token's catalog: none without a scope, and with the system's none whose address holds a project. */
  readonly services: readonly string[];
}

interface Issued {
  readonly token: string;
  readonly project: { readonly id: string } | null;
}

/** The asker whom a log-in at the gateway gives. */
export async function askerOf(url: string, name: string, input: object, isAdmin = false): Promise<Asker> {
  const nobody = new Client(url, null);
  const { token, project } = await mutate<Issued>(nobody, 'issueToken', 'token project { id }', { input });
  const raw = Raw.as(token, project?.id);
  const { catalog = [] } = (await raw.describeToken()).token;
  const services = catalog.filter(({ endpoints }) => endpoints.length > 0).map(({ type }) => type);
  return { name, client: new Client(url, token), raw, isAdmin, services };
}

export function passwordOf(name: string): object {
  return { username: name, password: `${name}-secret`, userDomainName: 'Default' };
}

/** Alice, the reader of her project, bob, an admin in alice's project, alice without scope, the admin with the system as scope. */
export function everyAsker(url: string): Promise<readonly Asker[]> {
  const inProject = ({ name, project }: User, isAdmin = false) => {
    const scope = { projectName: project, projectDomainName: 'Default' };
    return askerOf(url, name, { password: passwordOf(name), scope }, isAdmin);
  };
  return Promise.all([
    inProject(ALICE),
    inProject(READER),
    inProject(BOB),
    inProject(ADMIN, true),
    askerOf(url, 'unscoped', { password: passwordOf('alice'), scope: { unscoped: true } }),
    askerOf(url, 'system', { password: passwordOf('admin'), scope: { system: true } }, true),
  ]);
}

/** What OpenStack itself shows to the asker from now on. */
export function truthOf({ raw, isAdmin }: Asker): Truth {
  return new Truth(raw, isAdmin);
}
