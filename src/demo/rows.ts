/** What the demo cloud knows of each resource. Neutron's and Glance's rows are kept as they go on the wire. */

export interface User {
  readonly id: string;
  readonly name: string;
  readonly password: string;
  readonly defaultProjectId: string;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

export interface Role {
  readonly id: string;
  readonly name: string;
}

/** A user's roles in one project. */
export interface Grant {
  readonly userId: string;
  readonly projectId: string;
  readonly roles: readonly Role[];
}

export interface Flavor {
  readonly id: string;
  readonly name: string;
  /** MiB. */
  readonly ram: number;
  readonly vcpus: number;
  /** GiB. */
  readonly disk: number;
}

export interface Keypair {
  /** `userId/name`: Nova itself gives key pairs no id of their own. */
  readonly id: string;
  readonly number: number;
  readonly userId: string;
  readonly name: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly createdAt: number;
}

export interface ServerFault {
  readonly code: number;
  readonly created: number;
  readonly message: string;
  readonly details: string;
}

export interface Server {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly hostname: string;
  readonly description: string | null;
  readonly projectId: string;
  readonly userId: string;
  readonly flavor: Flavor;
  /** Null when booted from a volume. */
  readonly imageId: string | null;
  readonly keyName: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly configDrive: boolean;
  readonly userData: string | null;
  readonly accessIPv4: string;
  readonly accessIPv6: string;
  readonly diskConfig: string;
  readonly reservationId: string;
  readonly host: string | null;
  readonly availabilityZone: string;
  readonly vmState: 'building' | 'active' | 'stopped' | 'error' | 'deleted';
  readonly taskState: string | null;
  /** 0 none, 1 running, 4 shut down. */
  readonly powerState: 0 | 1 | 4;
  readonly created: number;
  readonly updated: number;
  readonly launchedAt: number | null;
  readonly terminatedAt: number | null;
  readonly fault: ServerFault | null;
  readonly serverGroups: readonly string[];
}

export interface VolumeAttachment {
  readonly id: string;
  readonly serverId: string;
  readonly hostName: string;
  readonly device: string;
  readonly attachedAt: number;
  /** The row that Nova keeps of it. */
  readonly bdmId: string;
  readonly deleteOnTermination: boolean;
}

export interface Volume {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly projectId: string;
  readonly userId: string;
  /** GiB. */
  readonly size: number;
  readonly status: string;
  readonly typeId: string;
  readonly backend: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly bootable: boolean;
  readonly snapshotId: string | null;
  readonly sourceVolumeId: string | null;
  readonly multiattach: boolean;
  readonly imageMetadata: Readonly<Record<string, string>> | null;
  readonly attachments: readonly VolumeAttachment[];
  readonly created: number;
  readonly updated: number | null;
}

export interface VolumeType {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly extraSpecs: Readonly<Record<string, string>>;
}

export interface Snapshot {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly volumeId: string;
  /** GiB. */
  readonly size: number;
  readonly status: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly projectId: string;
  readonly userId: string;
  readonly created: number;
  readonly updated: number | null;
}

/** A row as Neutron or Glance writes it for an administrator. */
export interface WireRow {
  readonly id: string;
  readonly [name: string]: unknown;
}

/** What every row of Neutron has. */
export interface NetworkRow extends WireRow {
  readonly project_id: string;
  readonly tenant_id: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly revision_number: number;
}

export interface Network extends NetworkRow {
  readonly name: string;
  readonly shared: boolean;
  readonly 'router:external': boolean;
  readonly subnets: readonly string[];
}

export interface Subnet extends NetworkRow {
  readonly network_id: string;
  readonly cidr: string;
  readonly ip_version: number;
  readonly gateway_ip: string | null;
}

export interface FixedIp {
  readonly subnet_id: string;
  readonly ip_address: string;
}

export interface Port extends NetworkRow {
  readonly name: string;
  readonly network_id: string;
  readonly mac_address: string;
  readonly admin_state_up: boolean;
  readonly status: string;
  readonly device_id: string;
  readonly device_owner: string;
  readonly fixed_ips: readonly FixedIp[];
  readonly security_groups: readonly string[];
}

export interface FloatingIp extends NetworkRow {
  readonly floating_ip_address: string;
  readonly floating_network_id: string;
  readonly port_id: string | null;
  readonly fixed_ip_address: string | null;
  readonly router_id: string | null;
  readonly status: string;
}

export interface SecurityGroup extends NetworkRow {
  readonly name: string;
}

export interface SecurityGroupRule extends NetworkRow {
  readonly security_group_id: string;
  readonly standard_attr_id: number;
}

export interface Router extends NetworkRow {
  readonly name: string;
}

export interface Image extends WireRow {
  readonly name: string | null;
  readonly owner: string;
  readonly visibility: string;
  readonly status: string;
  readonly protected: boolean;
  readonly size: number | null;
  readonly tags: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
}
