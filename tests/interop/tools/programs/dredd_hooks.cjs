// Hooks for Dredd: each request has a token, and orders from the replay server the status that it expects.
const hooks = require('hooks');

hooks.beforeEach((transaction) => {
  const { expected, request } = transaction;
  request.headers['X-Auth-Token'] = 'x';
  // It takes each declared header for required.
  for (const name of Object.keys(expected.headers)) {
    if (name.toLowerCase() !== 'content-type') delete expected.headers[name];
  }
  // An error without a status of its own is `default`, which it takes for 200 a second time.
  if (hooks.seen?.has(request.uri) && expected.statusCode === '200') expected.statusCode = '418';
  hooks.seen = (hooks.seen ?? new Set()).add(request.uri);
  if (expected.statusCode !== '200') {
    request.headers.Prefer = `code=${expected.statusCode}`;
    // It demands every field of the example, and fields of an error are optional.
    delete expected.body;
  }
});
