// Usage: node openapi_enforcer.cjs DOCUMENT. Ends with an error if the document is invalid.
const Enforcer = require('openapi-enforcer');
Enforcer(process.argv[2], { fullResult: true }).then(({ error }) => {
  if (error) {
    console.log('error', error.toString().split('\n').map((line) => line.trim()).join(' '));
    process.exit(1);
  }
});
