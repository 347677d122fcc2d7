// Runs the public Unipile client, unchanged, against a running simulator:
//
//     node run.mjs http://127.0.0.1:4000 the-api-key        (or RELINK_NPM_BASE_URL and RELINK_NPM_API_KEY)
//
// It prints one line a call and ends with "N passed, N failed". The client checks each answer against its own schemas
// (`validateRequestPayload`), so that this shows more than that the calls come back. It needs a simulator that holds
// at least 3 sessions, the first of them a LinkedIn session.

import { UnipileClient } from 'unipile-node-sdk';

const baseUrl = process.argv[2] ?? process.env.RELINK_NPM_BASE_URL;
const apiKey = process.argv[3] ?? process.env.RELINK_NPM_API_KEY;
if (!baseUrl || !apiKey) {
  console.error('usage: node run.mjs BASE_URL API_KEY');
  process.exit(2);
}

const strict = { validateRequestPayload: true, validateRequestPayloadLevel: 'error' };
const client = new UnipileClient(baseUrl, apiKey, strict);
let passed = 0;
let failed = 0;

async function call(name, run) {
  try {
    const said = await run();
    passed += 1;
    console.log(`ok  ${name} ${said}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok  ${name} ${error.stack ?? error} ${JSON.stringify(error.body ?? null)}`);
  }
}

function expect(holds, what) {
  if (!holds) throw new Error(`expected ${what}`);
}

/** The body of the error that the call must end in. */
async function refusal(run) {
  try {
    await run();
  } catch (error) {
    return error.body;
  }
  throw new Error('expected a refusal');
}

let accounts = [];

await call('account.getAll', async () => {
  const ids = new Set();
  let pages = 0;
  let cursor;
  do {
    const page = await client.account.getAll(cursor ? { limit: 2, cursor } : { limit: 2 });
    expect(page.object === 'AccountList' && page.items.length <= 2, 'a page of at most two accounts');
    accounts.push(...page.items);
    page.items.forEach((item) => ids.add(item.id));
    cursor = page.cursor;
    pages += 1;
  } while (cursor);
  expect(ids.size === accounts.length && ids.size >= 3 && pages >= 2, 'several pages that list each account once');
  return `${ids.size} accounts on ${pages} pages`;
});

await call('account.getAll with a limit of 251', async () => {
  const body = await refusal(() => client.account.getAll({ limit: 251 }));
  expect(body.status === 400 && body.type === 'errors/invalid_parameters', 'errors/invalid_parameters');
  return JSON.stringify(body);
});

await call('account.getOne', async () => {
  for (const listed of accounts.slice(0, 8)) {
    const account = await client.account.getOne(listed.id);
    expect(JSON.stringify(account) === JSON.stringify(listed), 'the account as it was listed');
  }
  return `${accounts[0].id} ${accounts[0].type} ${accounts[0].sources[0].status}`;
});

await call('account.getOne of a missing account', async () => {
  const body = await refusal(() => client.account.getOne('AAAAAAAAAAAAAAAAAAAAAA'));
  expect(body.status === 404 && body.type === 'errors/resource_not_found', 'errors/resource_not_found');
  expect(body.detail.split('\n').at(-1) === 'Account not found', 'the detail\'s last line');
  return JSON.stringify(body);
});

await call('account.getAll with a wrong key', async () => {
  const stranger = new UnipileClient(baseUrl, `${apiKey}-wrong`, strict);
  const body = await refusal(() => stranger.account.getAll());
  expect(body.status === 401 && body.type === 'errors/missing_credentials', 'errors/missing_credentials');
  return JSON.stringify(body);
});

// The client has no method of its own for restarting; its request sender, which is public, takes any path.
await call('request.send restart', async () => {
  const answer = await client.request.send({
    path: ['accounts', accounts[0].id, 'restart'],
    method: 'POST',
    options: { validateRequestPayload: false },
  });
  expect(answer.object === 'AccountRestarted', 'AccountRestarted');
  return JSON.stringify(answer);
});

// The client's schema wants `HostedAuthUrl`, the provider answers `HostedAuthURL`: so this answer is not validated.
await call('account.createHostedAuthLink', async () => {
  const answer = await client.account.createHostedAuthLink(
    {
      type: 'create',
      api_url: baseUrl,
      expiresOn: '2999-12-31T23:59:59.999Z',
      providers: ['LINKEDIN', 'GOOGLE'],
      name: 'user-1',
    },
    { validateRequestPayload: false },
  );
  expect(answer.object.toLowerCase() === 'hostedauthurl', 'HostedAuthURL');
  const page = await fetch(answer.url);
  expect(page.status === 200, 'a page behind the link');
  return JSON.stringify(answer);
});

await call('account.createHostedAuthLink with a bad expiry', async () => {
  const input = { type: 'create', api_url: baseUrl, expiresOn: '2999-12-31T23:59:59Z', providers: '*' };
  const body = await refusal(() => client.account.createHostedAuthLink(input));
  expect(body.status === 400 && body.type === 'errors/invalid_parameters', 'errors/invalid_parameters');
  return JSON.stringify(body);
});

await call('account.connectLinkedinWithCookie and account.reconnectLinkedinWithCookie', async () => {
  const cookie = { access_token: 'a-cookie', user_agent: 'a-browser' };
  const created = await client.account.connectLinkedinWithCookie(cookie);
  expect(created.object === 'AccountCreated', 'AccountCreated');
  const again = await client.account.reconnectLinkedinWithCookie({ account_id: created.account_id, ...cookie });
  expect(again.object === 'AccountReconnected' && again.account_id === created.account_id, 'the same account');
  return created.account_id;
});

let webhook;

await call('webhook.create', async () => {
  const answer = await client.webhook.create({
    source: 'account_status',
    request_url: 'http://127.0.0.1:9/never-listening',
    name: 'relink',
    format: 'json',
    enabled: true,
    account_ids: [],
    headers: [{ key: 'Unipile-Auth', value: 'secret' }],
  });
  webhook = answer.webhook_id;
  return JSON.stringify(answer);
});

await call('webhook.getAll', async () => {
  const list = await client.webhook.getAll();
  expect(list.items.some((item) => item.id === webhook), 'the webhook in the list');
  return `${list.items.length} webhook(s)`;
});

await call('webhook.delete', async () => {
  const answer = await client.webhook.delete(webhook);
  const list = await client.webhook.getAll();
  expect(!list.items.some((item) => item.id === webhook), 'the webhook gone from the list');
  return JSON.stringify(answer);
});

// Once for each kind of account: each has a schema of its own.
const kinds = new Map(accounts.map((account) => [account.type, account]));
for (const [type, account] of kinds) {
  await call(`users.getOwnProfile of ${type}`, async () => {
    const profile = await client.users.getOwnProfile(account.id);
    expect(profile.object === 'AccountOwnerProfile', 'AccountOwnerProfile');
    if (type === 'LINKEDIN') {
      expect(profile.provider_id === account.connection_params.im.id, 'the account\'s own member id');
    }
    return `${profile.provider} ${profile.provider_id ?? profile.email ?? profile.connection_params.imap.username}`;
  });
}

await call('account.delete', async () => {
  const last = accounts.at(-1);
  const answer = await client.account.delete(last.id);
  const body = await refusal(() => client.account.getOne(last.id));
  expect(body.status === 404, '404 for the deleted account');
  return JSON.stringify(answer);
});

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
