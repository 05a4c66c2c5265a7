// Changes one member of an endpoint with the generated types, then creates one of two members.
//   node change.js BASE_URL ENDPOINT_ID NEW_URL
import createClient from 'openapi-fetch';

import type { paths } from './exposee.js';

declare const process: { argv: string[] };

const [baseUrl, id, newUrl] = process.argv.slice(2) as [string, string, string];
const client = createClient<paths>({ baseUrl });

const changed = await client.PATCH('/v1/endpoints/{id}', { params: { path: { id } }, body: { timeout_ms: 5000 } });
if (changed.data?.timeout_ms !== 5000) throw new Error(JSON.stringify(changed.error));

const created = await client.POST('/v1/endpoints', { body: { url: newUrl, events: ['order.paid'] } });
if (created.data?.url !== newUrl) throw new Error(JSON.stringify(created.error));
