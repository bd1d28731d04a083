/** How a collection says where its next page is; see `pages.ts`. */
export type LinkGrammar = 'collectionLinks' | 'next' | 'links';

/** Microversions of one service: which header asks for one and which is the newest that stratograph was tested with. */
export interface Microversions {
  /** What the service calls itself in `OpenStack-API-Version`: Cinder refuses its own official type there with 400. */
  readonly name: string;
  /** An older header that is sent beside it. */
  readonly legacyHeader?: string;
  /** Newest microversion that the tests ran against. */
  readonly tested: string;
  /**
   * Where the version document is that needs no token: at the versioned root (`/v2.1/`) or at the one above it (`/`).
   * Cinder's `/v3/` asks for a token.
   */
  readonly document: 'versioned' | 'unversioned';
}

/** What is the same in every cloud about one service. */
export interface Service {
  /** The other names under which catalogs list it, by preference (service-types-authority). */
  readonly aliases: readonly string[];
  /** Version segment below which paths are; catalogs leave it out (Neutron, Glance) or not (Nova, Cinder). Null: none. */
  readonly version: string | null;
  readonly microversions: Microversions | null;
  readonly links: LinkGrammar;
}

/** Services by official type. A service that is not here is called with its catalog URL as it is. */
export const services: Readonly<Record<string, Service>> = {
  compute: {
    aliases: [],
    version: 'v2.1',
    microversions: {
      name: 'compute',
      legacyHeader: 'X-OpenStack-Nova-API-Version',
      tested: '2.93',
      document: 'versioned',
    },
    links: 'collectionLinks',
  },
  network: { aliases: [], version: 'v2.0', microversions: null, links: 'collectionLinks' },
  image: { aliases: [], version: 'v2', microversions: null, links: 'next' },
  'block-storage': {
    aliases: ['block-store', 'volumev3', 'volume'],
    version: 'v3',
    microversions: { name: 'volume', tested: '3.70', document: 'unversioned' },
    links: 'collectionLinks',
  },
  identity: { aliases: ['identityv3'], version: 'v3', microversions: null, links: 'links' },
  placement: {
    aliases: [],
    version: null,
    microversions: { name: 'placement', tested: '1.39', document: 'unversioned' },
    links: 'collectionLinks',
  },
};

const UNKNOWN: Service = { aliases: [], version: null, microversions: null, links: 'collectionLinks' };

/** What is known of a service type; for an unknown one, nothing but its catalog URL. */
export function serviceOf(type: string): Service {
  return Object.hasOwn(services, type) ? (services[type] ?? UNKNOWN) : UNKNOWN;
}

const VERSION_SEGMENT = /^v\d+(\.\d+)?$/;

/** Where a service is: the root of its paths and its version document. */
export interface Roots {
  /** Without a trailing slash: `https://cloud/volume/v3/0b48…`. */
  readonly root: string;
  readonly document: string;
}

/**
 * The service's roots from its catalog URL, which may come without version (Neutron, Glance), with it (Nova), with the
 * project behind it (Cinder) or with an older one than is spoken here (`/v2.0` of Keystone).
 */
export function rootsOf(type: string, catalogUrl: string): Roots {
  const service = serviceOf(type);
  const url = new URL(catalogUrl);
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  const at = segments.findLastIndex((segment) => VERSION_SEGMENT.test(segment));
  const above = at === -1 ? segments : segments.slice(0, at);
  const below = at === -1 ? [] : segments.slice(at + 1);
  const place = (parts: readonly string[]): string => [url.origin, ...parts].join('/');
  const versioned = service.version === null ? segments.slice(0, at + 1 || undefined) : [...above, service.version];
  const document = service.microversions?.document === 'versioned' ? versioned : above;
  return { root: place([...versioned, ...below]), document: `${place(document)}/` };
}
