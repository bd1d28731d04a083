import { floatingIp } from './floating-ip.js';
import { network as networkResource } from './network.js';
import { port } from './port.js';
import { securityGroup } from './security-group.js';
import { securityGroupRule } from './security-group-rule.js';
import { subnet } from './subnet.js';

/** Neutron's resources. */
export const network = {
  Network: networkResource,
  Subnet: subnet,
  Port: port,
  FloatingIp: floatingIp,
  SecurityGroup: securityGroup,
  SecurityGroupRule: securityGroupRule,
};
