// Usage: node readme_parser.mjs DOCUMENT. Ends with an error if the document is invalid.
import { compileErrors, validate } from '@readme/openapi-parser';
const result = await validate(process.argv[2]);
if (!result.valid || result.warnings.length) {
  console.log(compileErrors(result));
  process.exit(1);
}
