// Usage: node openapi_backend.cjs DOCUMENT RECORDINGS. Ends with an error if a recorded exchange is invalid.
const { readFileSync } = require('node:fs');
const { OpenAPIBackend } = require('openapi-backend');
const document = JSON.parse(readFileSync(process.argv[2], 'utf-8'));
const recordings = JSON.parse(readFileSync(process.argv[3], 'utf-8'));
const api = new OpenAPIBackend({ definition: document, strict: true, ajvOpts: { strict: false } });
api.init().then(() => {
  let exchanges = 0;
  for (const each of recordings.filter((one) => document.paths[one.template])) {
    exchanges += 1;
    const request = { method: 'get', path: each.path, headers: { 'X-Auth-Token': 'x' }, query: each.query };
    for (const [kind, result] of [
      ['request', api.validateRequest(request, each.operation)],
      ['response', api.validateResponse(each.body, each.operation, each.status)],
    ]) {
      if (!result.valid) {
        console.log(`error: the ${kind} of ${each.name} is invalid`, JSON.stringify(result.errors));
        process.exit(1);
      }
    }
  }
  if (exchanges === 0) throw new Error('no recording is of this document');
}).catch((error) => {
  console.log('error', error.message);
  process.exit(1);
});
