import { ADMIN, ALICE, BOB, Client, READER } from '../../support/client.js';

/** Everybody of the demo, logged in at one gateway: `admin` works in alice's project. */
export interface People {
  readonly alice: Client;
  readonly reader: Client;
  readonly admin: Client;
  readonly bob: Client;
}

export async function everybody(url: string): Promise<People> {
  const [alice, reader, admin, bob] = await Promise.all([
    Client.login(url, ALICE),
    Client.login(url, READER),
    Client.login(url, ADMIN),
    Client.login(url, BOB),
  ]);
  return { alice, reader, admin, bob };
}

/** The same people, with the same tokens, at another gateway. */
export function elsewhere(people: People, url: string): People {
  const { alice, reader, admin, bob } = people;
  return { alice: alice.at(url), reader: reader.at(url), admin: admin.at(url), bob: bob.at(url) };
}
