// Usage: node oas_validator.cjs DOCUMENT. Ends with an error if the document is invalid.
const { readFileSync } = require('node:fs');
const validator = require('oas-validator');
validator.validate(JSON.parse(readFileSync(process.argv[2], 'utf-8')), {}).catch((error) => {
  console.log('error', error.message);
  process.exit(1);
});
