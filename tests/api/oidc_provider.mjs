// An OpenID Connect provider on loopback for test_oidc.py, made of the certified library oidc-provider.
// Argument: JSON with `port`, `redirectUris`, `clientSecret` and `people` (subject -> claims).
// Beside the provider's own addresses, POST /forge takes how the next ID tokens are falsified; `{}` ends it.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import Provider from 'oidc-provider';

const { port, redirectUris, clientSecret, people } = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
const strangersKey = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signing = { use: 'sig', alg: 'RS256', kid: 'one' };

const provider = new Provider(issuer, {
  clients: [{ client_id: 'vejviser', client_secret: clientSecret, redirect_uris: redirectUris }],
  claims: { openid: ['sub'], profile: ['preferred_username', 'roles', 'realm_access'], email: ['email'] },
  jwks: { keys: [{ ...key.privateKey.export({ format: 'jwk' }), ...signing }] },
  pkce: { required: () => true },
  cookies: { keys: ['of the tests'] },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ ...people[id], sub: id }) }),
});

let forging = {};

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function forged(idToken) {
  const claims = { ...JSON.parse(Buffer.from(idToken.split('.')[1], 'base64url')), ...forging.claims };
  for (const name of forging.without ?? []) delete claims[name];
  const algorithm = forging.algorithm ?? 'RS256';
  const text = `${encoded({ alg: algorithm, typ: 'JWT', kid: 'one' })}.${encoded(claims)}`;
  const publicKey = key.publicKey.export({ format: 'pem', type: 'spki' });
  const signatures = {
    none: () => '',
    HS256: () => createHmac('sha256', forging.secret ?? publicKey).update(text).digest('base64url'),
    RS256: () => sign('sha256', text, (forging.stranger ? strangersKey : key).privateKey).toString('base64url'),
  };
  return `${text}.${signatures[algorithm]()}`;
}

provider.use(async (ctx, next) => {
  if (ctx.path === '/forge') {
    const parts = [];
    for await (const part of ctx.req) parts.push(part);
    forging = JSON.parse(Buffer.concat(parts));
    ctx.body = 'done';
    return;
  }
  await next();
  if (ctx.path === '/token' && ctx.body?.id_token && Object.keys(forging).length) {
    ctx.body.id_token = forged(ctx.body.id_token);
  }
  if (ctx.path === '/me' && forging.userinfo) ctx.body = { ...ctx.body, ...forging.userinfo };
  if (ctx.path === '/.well-known/openid-configuration') {
    ctx.body.id_token_signing_alg_values_supported = ['RS256', 'HS256', 'none'];
  }
});

provider.listen(port, '127.0.0.1', () => console.log('listening'));
