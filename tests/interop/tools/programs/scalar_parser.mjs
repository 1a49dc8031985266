// Usage: node scalar_parser.mjs DOCUMENT. Ends with an error if the document is invalid.
import { readFileSync } from 'node:fs';
import { validate } from '@scalar/openapi-parser';
const result = await validate(readFileSync(process.argv[2], 'utf-8'));
if (!result.valid) {
  console.log('error', JSON.stringify(result.errors));
  process.exit(1);
}
