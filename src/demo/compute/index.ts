import { type Answer, type Call, middlewareUnauthenticated, route, type Service } from '../http.js';
import { attachVolume, detachVolume, getAttachment, listAttachments, listInterfaces } from './attachments.js';
import { getFlavor, listFlavors } from './flavors.js';
import { getKeypair, listKeypairs } from './keypairs.js';
import { getLimits } from './limits.js';
import { denied, NEWEST, novaHeaders, novaVersion, refuse, unknownPath } from './nova.js';
import { act } from './server-actions.js';
import { listServers } from './server-list.js';
import { createServer, deleteServer, getServer, updateServer } from './servers.js';

const V = '/v2.1';

/** Nova. */
export const compute: Service = {
  prefix: '/compute',
  routes: [
    route('GET /', versions, true),
    route(`GET ${V}`, version, true),
    route(`GET ${V}/servers`, (call) => listServers(call, false)),
    route(`GET ${V}/servers/detail`, (call) => listServers(call, true)),
    route(`POST ${V}/servers`, createServer),
    route(`GET ${V}/servers/:id`, getServer),
    route(`PUT ${V}/servers/:id`, updateServer),
    route(`DELETE ${V}/servers/:id`, deleteServer),
    route(`POST ${V}/servers/:id/action`, act),
    route(`GET ${V}/servers/:id/os-volume_attachments`, listAttachments),
    route(`POST ${V}/servers/:id/os-volume_attachments`, attachVolume),
    route(`GET ${V}/servers/:id/os-volume_attachments/:volume`, getAttachment),
    route(`DELETE ${V}/servers/:id/os-volume_attachments/:volume`, detachVolume),
    route(`GET ${V}/servers/:id/os-interface`, listInterfaces),
    route(`GET ${V}/flavors`, (call) => listFlavors(call, false)),
    route(`GET ${V}/flavors/detail`, (call) => listFlavors(call, true)),
    route(`GET ${V}/flavors/:id`, getFlavor),
    route(`GET ${V}/os-keypairs`, listKeypairs),
    route(`GET ${V}/os-keypairs/:name`, getKeypair),
    route(`GET ${V}/limits`, getLimits),
    route(`GET ${V}/os-availability-zone`, () => ({ status: 200, body: { availabilityZoneInfo: [ZONE] } })),
    route(`GET ${V}/os-hypervisors`, () => {
      throw denied('os-hypervisors:list');
    }),
  ],
  unauthenticated: middlewareUnauthenticated,
  refuse,
  unknown: unknownPath,
  negotiate: novaVersion,
  headers: novaHeaders,
};

const ZONE = { zoneName: 'nova', zoneState: { available: true }, hosts: null };

function versions(call: Call): Answer {
  const row = (id: string, status: string, newest: string, oldest: string, updated: string) => ({
    id,
    status,
    version: newest,
    min_version: oldest,
    updated,
    links: [{ rel: 'self', href: `${call.root}/${id === 'v2.0' ? 'v2' : id}/` }],
  });
  const rows = [
    row('v2.0', 'SUPPORTED', '', '', '2011-01-21T11:33:21Z'),
    row('v2.1', 'CURRENT', `2.${NEWEST}`, '2.1', '2013-07-23T11:33:21Z'),
  ];
  return { status: 200, body: { versions: rows }, bare: true };
}

function version(call: Call): Answer {
  const links = [
    { rel: 'self', href: `${call.root}/v2.1/` },
    { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' },
  ];
  const current = {
    id: 'v2.1',
    status: 'CURRENT',
    version: `2.${NEWEST}`,
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
  };
  const media = [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }];
  return { status: 200, body: { version: { ...current, links, 'media-types': media } } };
}
