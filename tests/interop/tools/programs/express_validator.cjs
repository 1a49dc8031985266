// Usage: node express_validator.cjs DOCUMENT RECORDINGS. Ends with an error if a recorded exchange is refused.
const { readFileSync } = require('node:fs');
const express = require('express');
const OpenApiValidator = require('express-openapi-validator');
const document = JSON.parse(readFileSync(process.argv[2], 'utf-8'));
// Requests go to this server, whose name is none of the document's.
document.servers = [{ url: '/' }];
const recordings = JSON.parse(readFileSync(process.argv[3], 'utf-8')).filter((one) => document.paths[one.template]);
const app = express();
let refusal = null;
app.use(OpenApiValidator.middleware({ apiSpec: document, validateRequests: true, validateResponses: true, validateSecurity: false }));
app.get(/.*/, (request, response) => {
  const recording = recordings.find((one) => one.path === request.path);
  response.status(recording.status).json(recording.body);
});
app.use((error, request, response, next) => {
  refusal = error;
  response.status(500).end();
});
const server = app.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  for (const each of recordings) {
    const response = await fetch(`http://127.0.0.1:${port}${each.path}?${new URLSearchParams(each.query)}`);
    await response.arrayBuffer();
    if (refusal || response.status !== each.status) {
      console.log(`error: ${each.name} is refused`, refusal ? `${refusal.message} ${JSON.stringify(refusal.errors)}` : response.status);
      process.exit(1);
    }
  }
  if (recordings.length === 0) throw new Error('no recording is of this document');
  server.close();
});
