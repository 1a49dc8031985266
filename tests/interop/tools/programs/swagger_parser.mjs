// Usage: node swagger_parser.mjs PACKAGE DOCUMENT. Ends with an error if the document is invalid.
const { default: Parser } = await import(process.argv[2]);
await Parser.validate(process.argv[3]);
