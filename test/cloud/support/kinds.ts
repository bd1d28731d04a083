import { freshName } from './litter.js';
import type { Service } from './openstack.js';
import type { WatchOptions } from './watch.js';

/** Rows that those of a kind stand on. */
export interface Ground {
  readonly network: string;
  readonly group: string;
  readonly publicNetwork: string;
}

/** A kind of row that is made, changed and deleted by mutations named after its type. */
export interface Kind extends WatchOptions {
  readonly type: string;
  readonly service: Service;
  readonly path: string;
  /** The input of the create mutation. */
  readonly input: (round: number) => Readonly<Record<string, unknown>>;
  /** The input of the update mutation; null where there is none. */
  readonly change: ((round: number) => Readonly<Record<string, unknown>>) | null;
}

/** Everything that can be made in a project without waiting for long. */
export function kindsOn({ network, group, publicNetwork }: Ground): Readonly<Record<string, Kind>> {
  return {
    Network: {
      ...neutron('Network', 'networks', '/networks', 'name description'),
      input: (round) => ({ name: freshName('network'), description: `round ${round}` }),
      change: (round) => ({ name: freshName('renamed'), description: `changed in round ${round}` }),
    },
    Subnet: {
      ...neutron('Subnet', 'subnets', '/subnets', 'name dnsNameservers'),
      input: (round) => ({ networkId: network, ipVersion: 4, cidr: `10.78.${round}.0/24`, name: freshName('subnet') }),
      change: (round) => ({ name: freshName('renamed'), dnsNameservers: [`10.0.0.${round + 1}`] }),
    },
    Port: {
      ...neutron('Port', 'ports', '/ports', 'name securityGroupIds'),
      many: `ports(first: 1000, filter: { networkId: ["${network}"] })`,
      input: () => ({ networkId: network, name: freshName('port') }),
      change: () => ({ name: freshName('renamed'), securityGroupIds: [group] }),
    },
    FloatingIp: {
      ...neutron('FloatingIp', 'floatingIps', '/floatingips', 'description'),
      input: (round) => ({ floatingNetworkId: publicNetwork, description: `round ${round}` }),
      change: (round) => ({ description: `changed in round ${round}` }),
    },
    SecurityGroup: {
      ...neutron('SecurityGroup', 'securityGroups', '/security-groups', 'name description'),
      input: (round) => ({ name: freshName('group'), description: `round ${round}` }),
      change: () => ({ name: freshName('renamed') }),
    },
    SecurityGroupRule: {
      ...neutron('SecurityGroupRule', 'securityGroupRules', '/security-group-rules', 'portRangeMin portRangeMax'),
      input: (round) => ({
        securityGroupId: group,
        direction: 'INGRESS',
        protocol: 'tcp',
        portRangeMin: 7000 + round,
        portRangeMax: 7100 + round,
      }),
      change: null,
    },
    Volume: {
      ...neutron('Volume', 'volumes', '/volumes', 'name description size metadata { key value } status'),
      service: 'block-storage',
      input: (round) => ({ name: freshName('volume'), size: 1, description: `round ${round}` }),
      change: (round) => ({
        name: freshName('renamed'),
        description: `changed in round ${round}`,
        metadata: [{ key: 'round', value: String(round) }],
      }),
    },
  };
}

function neutron(type: string, many: string, path: string, fields: string) {
  const one = type.charAt(0).toLowerCase() + type.slice(1);
  return { type, one, many: `${many}(first: 1000)`, fields: `id ${fields}`, service: 'network' as Service, path };
}

/** Of an input, what the fields that a watch looks at show. */
export function shown({ fields }: Kind, input: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(input).filter(([name]) => fields.split(' ').includes(name)));
}
