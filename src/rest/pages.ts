import { isObject } from '../row.js';
import { Fault } from './fault.js';
import type { Page, Query, Rest, RestRequest } from './rest.js';
import { serviceOf } from './services.js';

function garbage(service: string, what: string): Fault {
  return new Fault({ code: 'UPSTREAM_UNAVAILABLE', service, message: `${service} answered with ${what}.` });
}

/** `<collection>_links` of Nova, Cinder and Neutron: a list with one `rel` each. */
function relNext(links: unknown): unknown {
  if (!Array.isArray(links)) return null;
  const next: unknown = links.find((link) => isObject(link) && link['rel'] === 'next');
  return isObject(next) ? next['href'] : null;
}

function linkOf(service: string, body: Record<string, unknown>, many: string): unknown {
  switch (serviceOf(service).links) {
    case 'collectionLinks':
      return relNext(body[`${many}_links`]);
    case 'next':
      return body['next'];
    case 'links':
      return isObject(body['links']) ? body['links']['next'] : null;
  }
}

/** The query of a link. Its scheme and host are never used: behind a proxy they are often wrong. */
export function queryOf(service: string, link: string): Query {
  if (!URL.canParse(link, 'http://ignored')) throw garbage(service, 'a link to its next page that is no URL');
  return [...new URL(link, 'http://ignored').searchParams];
}

/** What of a query says where its page begins: keyset markers, and the offsets and page numbers of other services. */
function startOf(query: Query): string {
  return JSON.stringify(query.filter(([name]) => ['marker', 'offset', 'page', 'page_reverse'].includes(name)));
}

/** Reads one page out of an answer. `asked` is the query that it was asked with. */
export function pageOf(service: string, many: string, asked: Query, body: unknown): Page {
  const rows = isObject(body) ? body[many] : undefined;
  if (!isObject(body) || !Array.isArray(rows)) throw garbage(service, `a page without "${many}"`);
  if (!rows.every(isObject)) throw garbage(service, `a page whose "${many}" are not all objects`);
  const link = linkOf(service, body, many);
  if (typeof link !== 'string' || link === '') return { rows, next: null };
  const next = queryOf(service, link);
  if (startOf(next) === startOf(asked)) throw stuck(service, many);
  return { rows, next };
}

function stuck(service: string, many: string): Fault {
  return garbage(service, `a page of ${many} whose link to the next page leads to a page already read`);
}

/** No collection that the gateway reads has so many: a thousand rows each are a million. */
const MOST_PAGES = 1_000;

/** Pages without a row, one behind the other, after which a link is not believed any more. */
const MOST_EMPTY = 10;

/**
 * Every page of a collection, one after the other; `turn` may change the query of the next. Ends with a fault where a link
 * leads to a page that was already read, or on without end: some services ignore an unknown marker and begin anew, for ever.
 */
export async function* everyPage(
  rest: Rest,
  request: Omit<RestRequest, 'method'>,
  many: string,
  turn: (next: Query) => Query = (next) => next,
): AsyncGenerator<Page> {
  const seen = new Set<string>();
  let query = request.query ?? [];
  let empty = 0;
  for (;;) {
    seen.add(startOf(query));
    const page = await rest.page({ ...request, query }, many);
    yield page;
    if (page.next === null) return;
    empty = page.rows.length === 0 ? empty + 1 : 0;
    if (seen.has(startOf(page.next))) throw about(page, stuck(request.service, many));
    if (seen.size === MOST_PAGES || empty === MOST_EMPTY) throw about(page, endless(request.service, many));
    query = turn(page.next);
  }
}

function endless(service: string, many: string): Fault {
  return garbage(service, `pages of ${many} whose links lead on without end`);
}

function about({ answer }: Page, fault: Fault): Fault {
  return answer === undefined ? fault : fault.about(answer);
}
