import { type Answer, type Call, HTML, htmlError, Refusal, route, type Service } from '../http.js';
import { createImage, deleteImage, getImage, listImages, patchImage } from './images.js';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
};
const NO_AUTH =
  'This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.';

/** Glance. */
export const image: Service = {
  prefix: '/image',
  routes: [
    route('GET /', (call) => versions(call, 300), true),
    route('GET /versions', (call) => versions(call, 200), true),
    route('GET /v2/images', listImages),
    route('GET /v2/images/:id', getImage),
    route('POST /v2/images', createImage),
    route('PATCH /v2/images/:id', patchImage),
    route('DELETE /v2/images/:id', deleteImage),
    route('GET /v2/tasks', () => {
      throw new Refusal(403, 'You are not authorized to complete tasks_api_access action.');
    }),
  ],
  unauthenticated: (cloud) => ({
    status: 401,
    body: htmlError('401 Unauthorized', NO_AUTH),
    headers: { ...HTML, 'www-authenticate': `Keystone uri="${cloud}/identity"` },
    bare: true,
  }),
  refuse: ({ status, message }, json) => {
    const title = TITLES[status] ?? 'Error';
    const conflict = 'There was a conflict when trying to complete your request.';
    if (status === 409 && !json)
      return { status, body: htmlError(`${status} ${title}`, conflict, message), headers: HTML };
    if (!json) return { status, body: htmlError(`${status} ${title}`, message), headers: HTML };
    return { status, body: { message: `${message}<br /><br />\n\n\n`, code: `${status} ${title}`, title } };
  },
  unknown: () => ({ status: 404, body: htmlError('404 Not Found', 'The resource could not be found.'), headers: HTML }),
  headers: (_version, requestId) => ({ 'x-openstack-request-id': requestId }),
};

function versions(call: Call, status: number): Answer {
  const rows = [15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((minor) => ({
    id: `v2.${minor}`,
    status: minor === 15 ? 'CURRENT' : 'SUPPORTED',
    links: [{ rel: 'self', href: `${call.root}/v2/` }],
  }));
  return { status, body: { versions: rows }, bare: true };
}
