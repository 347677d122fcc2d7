// Checks OpenAPI documents against the published schema of their version:
//
//     node openapi.mjs product.json ops.json
//
// Prints one line a document; exit code 1 if one is not valid.

import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';

let bad = 0;
for (const file of process.argv.slice(2)) {
  const validator = new Validator();
  const found = await validator.validate(JSON.parse(readFileSync(file, 'utf8')));
  if (found.valid) {
    // Throws at a reference that leads nowhere.
    validator.resolveRefs();
    console.log(`${file}: valid, OpenAPI ${validator.version}`);
  } else {
    console.log(`${file}: ${JSON.stringify(found.errors)}`);
    bad += 1;
  }
}
process.exit(bad === 0 && process.argv.length > 2 ? 0 : 1);
