// A product's and an operator's program, written against the types that the documents make. What is not in a document does not
// compile; what is answered otherwise is an error.

import createClient from 'openapi-fetch';
import type { components as Schemas, paths as Operators } from './ops';
import type { paths as Products } from './product';

type Problem = Schemas['schemas']['Problem'];

export interface Asks {
  product: { url: string; token: string };
  ops: { url: string; token: string };
  key: string;
}

function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`expected ${what}`);
}

/** A problem names its status and the request, which the header names alike. */
function refused(error: Problem | undefined, response: Response, status: number): Problem {
  expect(error !== undefined && error.status === status && response.status === status, `a problem of ${status}`);
  expect(error.request_id === response.headers.get('x-request-id'), 'the name of the request in the problem');
  return error;
}

export async function run(asks: Asks): Promise<string[]> {
  return [...(await product(asks)), ...(await operators(asks))];
}

async function product({ product, key }: Asks): Promise<string[]> {
  const headers = { authorization: `Bearer ${product.token}` };
  const client = createClient<Products>({ baseUrl: product.url, headers });
  const shown = await client.GET('/v1/workspace');
  expect(shown.data !== undefined, 'the workspace');
  const version: number = shown.data.version;
  const tag = shown.response.headers.get('etag');
  expect(tag === `"v${version}"`, 'the version in ETag');

  const change = (tag: string, key: string) =>
    client.PATCH('/v1/workspace', {
      params: { header: { 'If-Match': tag, 'Idempotency-Key': key } },
      body: { reason: 'a new name', settings: { name: 'Generated' } },
    });
  const first = await change(tag, key);
  expect(first.data !== undefined && first.data.done, 'a change that is done');
  const again = await change(tag, key);
  expect(again.response.headers.get('idempotent-replayed') === 'true', 'the answer of before');
  expect(JSON.stringify(again.data) === JSON.stringify(first.data), 'the same answer');
  expect(first.data.audit === key, 'the key as the id of the audit row');

  const stale = await change(tag, `${key}-2`);
  refused(stale.error, stale.response, 412);
  expect(stale.response.headers.get('etag') === `"v${version + 1}"`, 'the version of now');
  const other = await change('*', key);
  refused(other.error, other.response, 422);

  const accounts = await client.GET('/v1/accounts', { params: { query: { limit: 2 } } });
  expect(accounts.data !== undefined && accounts.data.accounts.length === 0, 'a page without accounts');
  const nobody = { path: { id: '00000000-0000-0000-0000-000000000000' } };
  const missing = await client.GET('/v1/accounts/{id}', { params: nobody });
  refused(missing.error, missing.response, 404);
  return [`product: workspace at version ${version + 1}, audit ${first.data.audit}`];
}

async function operators({ ops, key }: Asks): Promise<string[]> {
  const headers = { authorization: `Bearer ${ops.token}` };
  const client = createClient<Operators>({ baseUrl: ops.url, headers });
  const latch = await client.GET('/v1/latch');
  expect(latch.data !== undefined && latch.response.headers.has('ratelimit-remaining'), 'the latch, and the room left');

  const trip = (reason: string) =>
    client.POST('/v1/latch', {
      params: { header: { 'Idempotency-Key': key } },
      body: { reason, dry_run: false },
    });
  const first = await trip('a look');
  expect(first.data !== undefined && first.data.done && first.data.says.length > 0, 'a tripped latch');
  const again = await trip('a look');
  expect(JSON.stringify(again.data) === JSON.stringify(first.data), 'the same answer');
  const other = await trip('another reason');
  const problem = refused(other.error, other.response, 422);
  return [`ops: ${first.data.says}; then: ${problem.detail}`];
}
